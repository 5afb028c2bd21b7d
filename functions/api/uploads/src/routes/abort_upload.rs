//! An upload is given up.

use axum::{extract::State, response::Response};
use domain::{
    sweep::SweepKind,
    upload::{URL_LIFE, UploadStatus},
};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use store::entities::{Sweep, upload::Abortion};

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
        let video = platform.store().videos().get(upload.video_id).await?;
        let lesson = video.and_then(|video| video.course_id.zip(video.lesson_id));
        let purge = Sweep {
            kind: SweepKind::Purge,
            // Whoever still holds a URL may write until it expires.
            due_at: now + URL_LIFE,
            subject: upload.video_id.to_string(),
            video_id: Some(upload.video_id),
            version: upload.version,
            upload_id: Some(upload.id),
            user_id: Some(upload.user_id),
            attempt: 0,
        };
        match platform.store().uploads().abort(&upload, lesson, &purge, now).await? {
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
