//! A user ends all his sessions.

use axum::{Json, extract::State};
use http_kit::{ApiResult, FreshlyChecked, Platform};

use super::logout::Message;

/// Ends all sessions of the caller, this one included.
#[utoipa::path(
    post, path = "/auth/logout-all", operation_id = "logout_all", tag = "auth",
    responses((status = 200, description = "Logged out everywhere", body = Message)),
)]
pub(crate) async fn logout_all(
    State(platform): State<Platform>,
    FreshlyChecked(caller): FreshlyChecked,
) -> ApiResult<Json<Message>> {
    let now = platform.ambient().now();
    // An API key has no sessions to end.
    caller.session_id()?;
    platform.store().users().end_own_sessions(caller.user_id, now).await?;
    platform.access().forget_user(caller.user_id);
    // They have ended already; this tells the lists of sessions.
    platform.store().sessions().revoke_all(caller.user_id, None, now).await?;
    Ok(Json(Message { message: "Successfully logged out everywhere".into() }))
}
