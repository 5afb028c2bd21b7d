//! A user sees where he is logged in.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use serde::Serialize;

use crate::views::SessionView;

/// Live sessions, the newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SessionList {
    results: Vec<SessionView>,
}

/// The caller's live sessions. One that has just begun may appear a moment later.
#[utoipa::path(
    get, path = "/auth/sessions", operation_id = "list_sessions", tag = "auth",
    responses((status = 200, description = "Live sessions, the newest first", body = SessionList)),
)]
pub(crate) async fn list_sessions(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<SessionList>> {
    let now = platform.ambient().now();
    let mut sessions = platform.store().sessions().of_user(caller.user_id).await?;
    sessions.retain(|session| session.is_live(now));
    let results = sessions.into_iter().map(|session| SessionView::new(session, caller.session_id)).collect();
    Ok(Json(SessionList { results }))
}
