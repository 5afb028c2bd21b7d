//! An instructor looks at his own channel.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};

use crate::views::{ChannelView, channel_not_found};

/// The caller's channel.
#[utoipa::path(
    get, path = "/channels/me", operation_id = "get_own_channel", tag = "channels",
    responses((status = 200, description = "The channel", body = ChannelView)),
)]
pub(crate) async fn get_own_channel(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<ChannelView>> {
    let channel = platform.store().channels().of_user(caller.user_id).await?.ok_or_else(channel_not_found)?;
    Ok(Json(ChannelView::own(channel)))
}
