//! Uploads as the API shows them.

use std::collections::BTreeMap;

use domain::upload::{UploadMode, UploadStatus};
use http_kit::ApiError;
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Upload;

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
