//! A user ends one of his sessions.

use axum::{extract::State, response::Response};
use http_kit::{ApiError, ApiResult, FreshlyChecked, Params, Platform, no_content};
use kernel::{Id, id::kinds};

/// Ends one session of the caller: a lost device, say.
#[utoipa::path(
    delete, path = "/auth/sessions/{id}", operation_id = "end_session", tag = "auth",
    params(("id" = Id<kinds::Session>, Path)),
    responses((status = 204, description = "Ended")),
)]
pub(crate) async fn end_session(
    State(platform): State<Platform>,
    FreshlyChecked(caller): FreshlyChecked,
    Params(id): Params<Id<kinds::Session>>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    if !platform.store().sessions().revoke(caller.user_id, id, now).await? {
        let message = "You have no such session; it may have ended. GET /auth/sessions lists them.";
        return Err(ApiError::not_found("SESSION_NOT_FOUND", message));
    }
    platform.access().forget(id);
    Ok(no_content())
}
