//! An owner says what the player lets students do.

use api_views::VideoView;
use axum::{Json, extract::State};
use domain::video::MAX_SPEED;
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::video::VideoChanges;

use crate::access::video_not_found;

/// The policy; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPolicy {
    /// Whether students may seek.
    #[garde(skip)]
    allow_skip: Option<bool>,
    /// Highest speed, 0.25 to 16.
    #[garde(range(min = *MAX_SPEED.start(), max = *MAX_SPEED.end()))]
    #[schema(example = 1.5)]
    max_speed: Option<f64>,
    /// Whether the player shows who watches.
    #[garde(skip)]
    show_watermark: Option<bool>,
}

/// Sets the policy of the caller's video. Who watches gets it with the next refresh of the session.
#[utoipa::path(
    post, path = "/media/videos/{id}/set-policy", operation_id = "set_video_policy", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = SetPolicy,
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn set_policy(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Body(new): Body<SetPolicy>,
) -> ApiResult<Json<VideoView>> {
    let changes = VideoChanges {
        allow_skip: new.allow_skip,
        max_speed: new.max_speed,
        show_watermark: new.show_watermark,
        ..VideoChanges::default()
    };
    let now = platform.ambient().now();
    let changed = platform.store().videos().change(id, caller.user_id, changes, now).await?;
    Ok(Json(VideoView::own(changed.ok_or_else(video_not_found)?, platform.public_base_url())))
}
