//! An owner publishes a video.

use api_views::VideoView;
use axum::{Json, extract::State};
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use store::entities::video::StateChange;

use crate::access::{own_video, video_not_found};

/// Publishes the caller's video: at once when it is READY or ARCHIVED, else as soon as it is READY (`publish_when_ready`).
#[utoipa::path(
    post, path = "/media/videos/{id}/publish", operation_id = "publish_video", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn publish_video(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<VideoView>> {
    let video = own_video(&platform, id, caller.user_id).await?;
    match platform.store().videos().publish(&video, platform.ambient().now()).await? {
        StateChange::Done(video) => Ok(Json(VideoView::own(*video, platform.public_base_url()))),
        StateChange::NotFound => Err(video_not_found()),
        StateChange::Refused(_) => Err(ApiError::conflict(
            "VIDEO_FAILED",
            "The video could not be processed: see error_reason. Retry it or upload it anew, then publish it.",
        )),
    }
}
