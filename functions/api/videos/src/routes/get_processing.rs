//! How far a video's processing is.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::{
    access::{own_video, video_not_found},
    views::ProcessingView,
};

/// The steps of the processing of the caller's video, with a percentage.
#[utoipa::path(
    get, path = "/media/videos/{id}/processing", operation_id = "get_video_processing", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The processing of the newest version", body = ProcessingView)),
)]
pub(crate) async fn get_processing(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<ProcessingView>> {
    let video = own_video(&platform, id, caller.user_id).await?;
    let version =
        platform.store().versions().get(id, video.latest_version).await?.ok_or_else(video_not_found)?;
    Ok(Json(ProcessingView::new(video, version)))
}
