//! An owner says by which words a video is found.

use api_views::VideoView;
use axum::{Json, extract::State};
use domain::course::tag;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::access::video_not_found;

/// All tags of a video.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutTags {
    /// At most 20 of 50 characters. Case, white space around them and a leading # don't count, and equal ones are one.
    #[garde(skip)]
    #[schema(example = json!(["Rust", "web development"]))]
    tags: Vec<String>,
}

/// Gives the caller's video these tags instead of those that it has; an empty list takes all away. Tags are no secret: those of a private video
/// count too in `GET /media/videos/tags/popular`, which names no video.
#[utoipa::path(
    put, path = "/media/videos/{id}/tags", operation_id = "put_video_tags", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = PutTags,
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn put_tags(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Body(new): Body<PutTags>,
) -> ApiResult<Json<VideoView>> {
    tag::check(&new.tags).map_err(|refused| ApiError::invalid("tags", refused.to_string()))?;
    let (tags, now) = (tag::normalized(&new.tags), platform.ambient().now());
    let video = platform.store().videos().set_tags(id, caller.user_id, &tags, now).await?;
    Ok(Json(VideoView::own(video.ok_or_else(video_not_found)?, platform.public_base_url())))
}
