//! An instructor sees what his channel may upload.

use axum::{Json, extract::State};
use domain::channel::Quota;
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::views::channel_not_found;

/// The quota of the caller's channel.
#[utoipa::path(
    get, path = "/channels/{id}/quota", operation_id = "get_channel_quota", tag = "channels",
    params(("id" = Id<kinds::Channel>, Path)),
    responses((status = 200, description = "The quota", body = Quota)),
)]
pub(crate) async fn get_quota(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Channel>>,
) -> ApiResult<Json<Quota>> {
    let channel = platform.store().channels().get(id).await?;
    let own = channel.filter(|channel| channel.user_id == caller.user_id).ok_or_else(channel_not_found)?;
    Ok(Json(own.quota))
}
