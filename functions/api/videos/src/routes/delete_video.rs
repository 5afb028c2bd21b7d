//! An owner deletes a video.

use axum::{extract::State, response::Response};
use domain::sweep::SweepKind;
use http_kit::{ApiResult, Params, Platform, SignedIn, no_content};
use kernel::{Id, id::kinds};
use store::entities::Sweep;

use crate::access::video_not_found;

/// Deletes the caller's video. It is gone from lists and can't be played at once; its files are removed within minutes.
///
/// A lesson that shows it keeps its place without a video; where the course is published, give the lesson another video first.
#[utoipa::path(
    delete, path = "/media/videos/{id}", operation_id = "delete_video", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_video(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    let purge = Sweep {
        kind: SweepKind::Purge,
        due_at: now,
        subject: id.to_string(),
        video_id: Some(id),
        version: 0,
        upload_id: None,
        user_id: Some(caller.user_id),
        attempt: 0,
    };
    if platform.store().videos().remove(id, caller.user_id, &purge, now).await? {
        Ok(no_content())
    } else {
        Err(video_not_found())
    }
}
