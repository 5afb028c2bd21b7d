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
    let sessions = platform.store().sessions();
    // The caller's own first: the index may not show a session that has just begun.
    sessions.revoke(caller.user_id, caller.session_id, now).await?;
    platform.access().forget(caller.session_id);
    for session in sessions.of_user(caller.user_id).await?.into_iter().filter(|session| session.is_live(now))
    {
        sessions.revoke(caller.user_id, session.id, now).await?;
        platform.access().forget(session.id);
    }
    Ok(Json(Message { message: "Successfully logged out everywhere".into() }))
}
