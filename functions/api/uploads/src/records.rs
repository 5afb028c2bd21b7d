//! What is stored when an upload begins.

use domain::upload::{
    MAX_FILE_BYTES, PartPlan, SINGLE_PUT_MAX_BYTES, UPLOAD_LIFE, UploadMode, UploadStatus, content_type,
    iso_week,
};
use garde::Validate;
use http_kit::{ApiError, ApiResult};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Channel, Upload, Version};

/// A file that is to be sent.
#[derive(Clone, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFile {
    /// The file's name on the user's machine.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(example = "lesson-1.mp4")]
    pub(crate) filename: String,
    /// Exact bytes: 1 to 50 GiB, and not more than the channel's quota allows.
    #[garde(range(min = 1, max = MAX_FILE_BYTES))]
    #[schema(example = 7_340_032)]
    pub(crate) size: u64,
    /// A type of a video, or application/octet-stream.
    #[serde(default = "default_content_type")]
    #[garde(custom(check_content_type))]
    #[schema(example = "video/mp4")]
    pub(crate) content_type: String,
    /// In one PUT or in parts; by the size unless it is sent. One PUT takes at most 100 MiB.
    #[garde(skip)]
    pub(crate) mode: Option<UploadMode>,
}

pub(crate) fn default_content_type() -> String {
    // What seed 002 signs for every file.
    "video/mp4".to_owned()
}

pub(crate) fn check_content_type(declared: &str, _: &()) -> garde::Result {
    let message = "must be video/… or application/octet-stream";
    if content_type(declared).is_some() { Ok(()) } else { Err(garde::Error::new(message)) }
}

impl NewFile {
    /// Whether it can go as it says.
    ///
    /// # Errors
    /// 422.
    pub(crate) fn check(&self) -> ApiResult<()> {
        if self.mode == Some(UploadMode::Single) && self.size > SINGLE_PUT_MAX_BYTES {
            return Err(ApiError::invalid("mode", "must be multipart for files of more than 100 MiB"));
        }
        Ok(())
    }

    /// The upload, which makes this version of a video. It has the attempt's UUID, so that every attempt at a request makes the same one.
    pub(crate) fn upload(
        self,
        channel: &Channel,
        (video_id, version): (Id<kinds::Video>, u32),
        attempt: Id<kinds::Event>,
        now: Timestamp,
    ) -> Upload {
        let id = Id::from_uuid(attempt.uuid());
        let mode = self.mode.unwrap_or(UploadMode::for_size(self.size));
        Upload {
            id,
            user_id: channel.user_id,
            channel_id: channel.id,
            video_id,
            version,
            object_key: Upload::object_key_of(video_id, version, id),
            content_type: content_type(&self.content_type).unwrap_or_else(default_content_type),
            size_bytes: self.size,
            mode,
            multipart_id: None,
            part_size: if mode == UploadMode::Multipart { PartPlan::new(self.size).part_size() } else { 0 },
            status: UploadStatus::Open,
            week: iso_week(now),
            valid_until: now + UPLOAD_LIFE,
            created_at: now,
            updated_at: now,
            filename: self.filename,
        }
    }
}

/// The version that an upload makes.
pub(crate) fn version(upload: &Upload) -> Version {
    let source = (upload.object_key.clone(), upload.size_bytes);
    Version::pending(upload.video_id, upload.version, source, upload.created_at)
}
