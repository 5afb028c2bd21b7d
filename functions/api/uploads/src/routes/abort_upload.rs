//! An upload is given up.

use axum::{extract::State, response::Response};
use domain::upload::{URL_LIFE, UploadStatus};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use store::entities::upload::Abortion;

use crate::{bucket::Bucket, completion::own_upload, views::upload_completed};

/// Gives the caller's upload up: its parts are thrown away, its video is removed, and it does not count for the week's
/// quota any more. Saying it again gives the same answer.
#[utoipa::path(
    delete, path = "/media/videos/uploads/{upload_id}", operation_id = "abort_upload", tag = "uploads",
    params(("upload_id" = Id<kinds::Upload>, Path)),
    responses((status = 204, description = "Aborted")),
)]
pub(crate) async fn abort_upload(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Upload>>,
) -> ApiResult<Response> {
    let upload = own_upload(&platform, id, caller.user_id).await?;
    if upload.status == UploadStatus::Open {
        let now = platform.ambient().now();
        // Whoever still holds a URL may write until it expires.
        let purge = upload.purge(now + URL_LIFE);
        match platform.store().uploads().abort(&upload, &purge, now).await? {
            Abortion::Done => {}
            Abortion::Completed => return Err(upload_completed()),
        }
    } else if upload.status == UploadStatus::Completed {
        return Err(upload_completed());
    }
    // Also the second time: the first may have died before it.
    bucket.abort(&upload).await?;
    Ok(no_content())
}
