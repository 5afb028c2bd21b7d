//! One video.

use api_views::VideoView;
use axum::{Json, extract::State};
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::access::{is_enrolled_for, video_not_found};

/// The video: whole for its owner, without what is his business for the students of its course once it can be played.
#[utoipa::path(
    get, path = "/media/videos/{id}", operation_id = "get_video", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn get_video(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<VideoView>> {
    let video = platform.store().videos().get(id).await?.ok_or_else(video_not_found)?;
    let base = platform.public_base_url();
    if video.owner_id == caller.user_id {
        return Ok(Json(VideoView::own(video, base)));
    }
    if video.status.is_playable() && is_enrolled_for(&platform, caller.user_id, &video).await? {
        return Ok(Json(VideoView::reduced(video, base)));
    }
    Err(video_not_found())
}
