//! An instructor makes his channel.

use axum::{Json, extract::State};
use domain::channel::{ChannelStatus, Quota, is_handle};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, Instructor, Platform};
use serde::{Deserialize, Serialize};
use store::entities::{Channel, channel::ChannelTaken};

use crate::views::ChannelView;

/// A new channel.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateChannel {
    #[garde(length(chars, min = 3, max = 100))]
    #[schema(example = "Tech Reviews")]
    name: String,
    /// 3 to 50 lower-case letters, digits and inner hyphens.
    #[garde(custom(check_handle))]
    #[schema(example = "techreviews")]
    handle: String,
    #[serde(default)]
    #[garde(length(chars, max = 5000))]
    description: String,
    #[serde(default)]
    #[garde(length(max = 500))]
    avatar_url: String,
    #[serde(default)]
    #[garde(length(max = 500))]
    banner_url: String,
}

fn check_handle(handle: &str, _: &()) -> garde::Result {
    let message =
        "must be 3 to 50 lower-case letters, digits or hyphens, and neither begin nor end with a hyphen";
    if is_handle(handle) { Ok(()) } else { Err(garde::Error::new(message)) }
}

/// Makes the caller's channel.
#[utoipa::path(
    post, path = "/channels", operation_id = "create_channel", tag = "channels",
    request_body = CreateChannel,
    responses((status = 201, description = "The channel", body = ChannelView)),
)]
pub(crate) async fn create_channel(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Body(new): Body<CreateChannel>,
) -> ApiResult<(StatusCode, Json<ChannelView>)> {
    let now = platform.ambient().now();
    let channel = Channel {
        id: platform.ambient().id(),
        user_id: caller.user_id,
        name: new.name,
        handle: new.handle,
        description: new.description,
        avatar_url: new.avatar_url,
        banner_url: new.banner_url,
        status: ChannelStatus::Active,
        verified: false,
        verified_at: None,
        subscriber_count: 0,
        total_views: 0,
        total_videos: 0,
        monetization_enabled: false,
        monetization_enabled_at: None,
        quota: Quota::STANDARD,
        created_at: now,
        updated_at: now,
    };
    match platform.store().channels().create(&channel).await? {
        None => Ok((StatusCode::CREATED, Json(ChannelView::own(channel)))),
        Some(ChannelTaken::User) => Err(ApiError::conflict(
            "CHANNEL_EXISTS",
            "You have a channel already. GET /channels/me shows it, PATCH changes it.",
        )),
        Some(ChannelTaken::Handle) => {
            Err(ApiError::conflict("HANDLE_TAKEN", "Another channel has this handle. Choose another one."))
        }
    }
}
