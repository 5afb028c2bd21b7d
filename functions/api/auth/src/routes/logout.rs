//! A user ends the session that he is in.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use serde::Serialize;

/// A sentence for a person (seed 001 §4.2).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Message {
    #[schema(example = "Successfully logged out")]
    pub(crate) message: String,
}

/// Ends this session: its refresh token stops at once, its access token within 5 seconds.
#[utoipa::path(
    post, path = "/auth/logout", operation_id = "logout", tag = "auth",
    responses((status = 200, description = "Logged out", body = Message)),
)]
pub(crate) async fn logout(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<Message>> {
    let now = platform.ambient().now();
    platform.store().sessions().revoke(caller.user_id, caller.session_id()?, now).await?;
    platform.access().forget(caller.session_id()?);
    Ok(Json(Message { message: "Successfully logged out".into() }))
}
