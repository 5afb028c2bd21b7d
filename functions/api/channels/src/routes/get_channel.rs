//! Anyone looks at a channel.

use axum::{extract::State, response::Response};
use domain::channel::ChannelStatus;
use http_kit::{ApiResult, Caching, Keep, Params, Platform, Visitor};
use store::entities::Channel;

use crate::views::{ChannelView, channel_not_found};

/// The channel by its id or `@handle`.
#[utoipa::path(
    get, path = "/channels/{id}", operation_id = "get_channel", tag = "channels", security(()),
    params(("id" = String, Path, description = "Its id, or its handle after an @", example = "@techreviews")),
    responses(
        (status = 200, description = "The channel", body = ChannelView),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn get_channel(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    caching: Caching,
    Params(name): Params<String>,
) -> ApiResult<Response> {
    let channel = find(&platform, &name).await?;
    let own = caller.is_some_and(|caller| caller.user_id == channel.user_id);
    match (own, channel.status) {
        (true, _) => caching.json(Keep::Minute, &ChannelView::own(channel)),
        (false, ChannelStatus::Active) => caching.json(Keep::Minute, &ChannelView::public(channel)),
        (false, ChannelStatus::Suspended | ChannelStatus::Deleted) => Err(channel_not_found()),
    }
}

async fn find(platform: &Platform, name: &str) -> ApiResult<Channel> {
    let channels = platform.store().channels();
    let found = match name.strip_prefix('@') {
        Some(handle) => channels.by_handle(handle).await?,
        None => channels.get(name.parse().map_err(|_| channel_not_found())?).await?,
    };
    found.ok_or_else(channel_not_found)
}
