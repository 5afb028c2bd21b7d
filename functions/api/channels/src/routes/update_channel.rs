//! An instructor changes his channel.

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::channel::ChannelChanges;

use crate::views::{ChannelView, channel_not_found};

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateChannel {
    #[garde(length(chars, min = 3, max = 100))]
    #[schema(example = "Tech Reviews, Weekly")]
    name: Option<String>,
    #[garde(length(chars, max = 5000))]
    #[schema(example = "Every Friday: one gadget, taken apart.")]
    description: Option<String>,
    #[garde(length(max = 500))]
    #[schema(example = "https://learn.example/avatars/01933b7a/01933b7b.jpg")]
    avatar_url: Option<String>,
    #[garde(length(max = 500))]
    #[schema(example = "https://learn.example/banners/01933b7a/01933b7c.jpg")]
    banner_url: Option<String>,
}

/// Changes the caller's channel.
#[utoipa::path(
    patch, path = "/channels/{id}", operation_id = "update_channel", tag = "channels",
    params(("id" = Id<kinds::Channel>, Path)),
    request_body = UpdateChannel,
    responses((status = 200, description = "The channel", body = ChannelView)),
)]
pub(crate) async fn update_channel(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Channel>>,
    Body(new): Body<UpdateChannel>,
) -> ApiResult<Json<ChannelView>> {
    let changes = ChannelChanges {
        name: new.name,
        description: new.description,
        avatar_url: new.avatar_url,
        banner_url: new.banner_url,
    };
    let now = platform.ambient().now();
    let changed = platform.store().channels().change(id, caller.user_id, changes, now).await?;
    Ok(Json(ChannelView::own(changed.ok_or_else(channel_not_found)?)))
}
