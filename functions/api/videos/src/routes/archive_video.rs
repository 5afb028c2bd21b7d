//! An owner takes a video out of lists.

use api_views::VideoView;
use axum::{Json, extract::State};
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use store::entities::video::StateChange;

use crate::access::{own_video, video_not_found};

/// Archives the caller's video: it is listed for its owner only and can't be played until it is published again.
#[utoipa::path(
    post, path = "/media/videos/{id}/archive", operation_id = "archive_video", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn archive_video(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<VideoView>> {
    let video = own_video(&platform, id, caller.user_id).await?;
    match platform.store().videos().archive(&video, platform.ambient().now()).await? {
        StateChange::Done(video) => Ok(Json(VideoView::own(*video, platform.public_base_url()))),
        StateChange::NotFound => Err(video_not_found()),
        StateChange::Refused(status) => {
            let message = format!(
                "A video in state {status} can't be archived: only READY and PUBLISHED ones can. Delete it instead."
            );
            Err(ApiError::conflict("CANNOT_ARCHIVE", message))
        }
    }
}
