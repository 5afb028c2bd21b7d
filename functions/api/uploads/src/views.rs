//! Uploads as the API shows them.

use std::collections::BTreeMap;

use domain::{
    upload::{UploadMode, UploadStatus},
    version::{RETENTION, VersionState},
};
use http_kit::ApiError;
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Upload, Version, Video};

/// The URL that takes one part.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PartUrl {
    /// From 1.
    #[schema(example = 1)]
    pub(crate) number: u32,
    /// Exact bytes; another size is refused.
    #[schema(example = 8_388_608)]
    pub(crate) size: u64,
    /// PUT the bytes here, without other headers than Content-Length.
    pub(crate) url: String,
}

/// A part that S3 holds.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct HeldPart {
    pub(crate) number: u32,
    pub(crate) size: u64,
}

/// How to send the file.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UploadTicket {
    pub(crate) upload_id: Id<kinds::Upload>,
    /// The video that the file becomes.
    pub(crate) video_id: Id<kinds::Video>,
    /// The version of the video.
    pub(crate) version: u32,
    pub(crate) mode: UploadMode,
    /// PUT the whole file here, with `headers`. Null when it goes in parts.
    pub(crate) upload_url: Option<String>,
    /// Headers that the PUT to `upload_url` must have: they are signed.
    #[schema(example = json!({"content-type": "video/mp4"}))]
    pub(crate) headers: BTreeMap<&'static str, String>,
    /// The object's key; `complete` of seed 002 takes it.
    #[schema(
        example = "uploads/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/1/01933b7a-3c5e-7000-8000-4f2d1c9a7b10"
    )]
    pub(crate) file_key: String,
    /// Bytes of each part but the last; 0 when it goes in one PUT.
    pub(crate) part_size: u64,
    /// Number of parts; 0 when it goes in one PUT.
    pub(crate) part_count: u32,
    /// URLs of the first parts, at most 100; ask for the others as you go.
    pub(crate) parts: Vec<PartUrl>,
    /// When these URLs stop working; ask for new ones.
    pub(crate) expires_at: Timestamp,
    /// When the upload is given up.
    pub(crate) upload_expires_at: Timestamp,
}

/// More part URLs.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PartUrls {
    pub(crate) parts: Vec<PartUrl>,
    /// When these URLs stop working.
    pub(crate) expires_at: Timestamp,
}

/// An upload and what is there of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UploadView {
    upload_id: Id<kinds::Upload>,
    video_id: Id<kinds::Video>,
    version: u32,
    mode: UploadMode,
    status: UploadStatus,
    #[schema(example = "lesson-1.mp4")]
    filename: String,
    #[schema(example = "video/mp4")]
    content_type: String,
    /// Bytes of the file.
    size: u64,
    /// Bytes that are there.
    uploaded: u64,
    file_key: String,
    part_size: u64,
    part_count: u32,
    /// The parts that are there.
    parts: Vec<HeldPart>,
    /// A new URL for the whole file, while it is awaited in one PUT.
    upload_url: Option<String>,
    headers: BTreeMap<&'static str, String>,
    /// When `upload_url` stops working.
    expires_at: Timestamp,
    /// When the upload is given up.
    upload_expires_at: Timestamp,
    created_at: Timestamp,
}

impl UploadView {
    pub(crate) fn new(
        upload: Upload,
        part_count: u32,
        parts: Vec<HeldPart>,
        upload_url: Option<String>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            upload_id: upload.id,
            video_id: upload.video_id,
            version: upload.version,
            mode: upload.mode,
            status: upload.status,
            uploaded: parts.iter().map(|part| part.size).sum(),
            headers: signed_headers(&upload),
            filename: upload.filename,
            content_type: upload.content_type,
            size: upload.size_bytes,
            file_key: upload.object_key,
            part_size: upload.part_size,
            part_count,
            parts,
            upload_url,
            expires_at,
            upload_expires_at: upload.valid_until,
            created_at: upload.created_at,
        }
    }
}

/// A version of a video (seed 003, VideoVersion).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VersionView {
    /// From 1; the newest has the highest.
    #[schema(example = 2)]
    version_number: u32,
    status: VersionState,
    /// Whether it is the one that plays.
    is_active: bool,
    /// Bytes of the file.
    source_file_size_bytes: u64,
    /// Seconds; 0 until the file was checked.
    #[schema(example = 61.4)]
    source_duration_seconds: f64,
    /// Empty until the file was checked.
    #[schema(example = "1920x1080")]
    source_resolution: String,
    /// Empty until the file was checked.
    #[schema(example = "h264")]
    source_codec: String,
    /// 0 to 100; 100 only when it can be played.
    #[schema(example = 52)]
    percentage: u32,
    /// Why it failed, and what to do; empty when it did not.
    error_reason: String,
    /// Its own picture, absolute; null until it is whole.
    thumbnail_url: Option<String>,
    transcoding_started_at: Option<Timestamp>,
    transcoding_completed_at: Option<Timestamp>,
    /// Until when it stays; null while it plays, is sent or is made.
    kept_until: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl VersionView {
    /// `base` is the address of the distribution, without a slash at its end.
    pub(crate) fn new(video: &Video, version: Version, base: &str) -> Self {
        let facts = version.facts(video);
        let state = facts.state();
        let done = u32::try_from(version.parts_done.len()).unwrap_or(u32::MAX);
        let progress = domain::video::Progress::new(state.as_video(), done, version.parts_total);
        Self {
            version_number: version.version_number,
            status: state,
            is_active: facts.is_active,
            source_file_size_bytes: version.source_file_size_bytes,
            source_duration_seconds: version.source_duration_seconds,
            percentage: progress.percentage,
            thumbnail_url: version.poster().map(|poster| format!("{base}{}", poster.path)),
            source_resolution: version.source_resolution,
            source_codec: version.source_codec,
            error_reason: version.transcoding_error_message,
            transcoding_started_at: version.transcoding_started_at,
            transcoding_completed_at: version.transcoding_completed_at,
            kept_until: version.idle_since.filter(|_| !facts.is_active).map(|since| since + RETENTION),
            created_at: version.created_at,
            updated_at: version.updated_at,
        }
    }
}

/// The headers that the PUT of a whole file must have. Content-Length is signed too; every client sets it by itself.
pub(crate) fn signed_headers(upload: &Upload) -> BTreeMap<&'static str, String> {
    match upload.mode {
        UploadMode::Single => BTreeMap::from([("content-type", upload.content_type.clone())]),
        UploadMode::Multipart => BTreeMap::new(),
    }
}

pub(crate) fn upload_not_found() -> ApiError {
    ApiError::not_found(
        "UPLOAD_NOT_FOUND",
        "There is no such upload. Begin one with POST /api/v1/media/videos/presign.",
    )
}

pub(crate) fn upload_aborted() -> ApiError {
    ApiError::conflict(
        "UPLOAD_ABORTED",
        "This upload was aborted. Begin a new one with POST /api/v1/media/videos/presign.",
    )
}

pub(crate) fn upload_completed() -> ApiError {
    ApiError::conflict("UPLOAD_COMPLETED", "The file has arrived. Delete the video if you don't want it.")
}

pub(crate) fn video_not_found() -> ApiError {
    ApiError::not_found("VIDEO_NOT_FOUND", "You have no such video. Check its id.")
}

pub(crate) fn version_not_found() -> ApiError {
    let message =
        "The video has no such version, or not any more. GET /api/v1/media/videos/{id}/versions lists them.";
    ApiError::not_found("VERSION_NOT_FOUND", message)
}

pub(crate) fn version_under_way() -> ApiError {
    let message = "A version of this video is still sent or made. Wait for it, or abort its upload.";
    ApiError::conflict("VERSION_UNDER_WAY", message)
}
