//! Seed 002's old way to send files, which is gone.

use http::StatusCode;
use http_kit::{ApiError, Instructor};

/// Answers 410: files do not pass through the API. Begin an upload with `POST /media/videos/presign`, send the file where its answer says, and
/// finish with `POST /media/videos/complete`.
///
/// A function takes 6 MB at most, so that a form with a film in it could not arrive. The body is not read.
#[utoipa::path(
    post,
    path = "/media/videos/upload",
    operation_id = "upload_video_files",
    tag = "videos",
    responses()
)]
pub(crate) async fn upload_files(Instructor(_caller): Instructor) -> ApiError {
    let message = "Files do not pass through the API any more. POST /api/v1/media/videos/presign says where to send one; finish with POST /api/v1/media/videos/complete.";
    ApiError::new(StatusCode::GONE, "UPLOAD_MOVED", message)
}
