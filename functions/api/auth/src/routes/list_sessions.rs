//! A user sees where he is logged in.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use serde::Serialize;
use store::entities::Session;

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
    let (sessions, users) = (platform.store().sessions(), platform.store().users());
    let (sessions, standing) =
        tokio::try_join!(sessions.of_user(caller.user_id), users.standing(caller.user_id))?;
    let lives =
        |session: &Session| standing.as_ref().is_some_and(|standing| standing.allows(&session.into(), now));
    let sessions = sessions.into_iter().filter(lives);
    let own = caller.session_id()?;
    let results = sessions.map(|session| SessionView::new(session, own, now)).collect();
    Ok(Json(SessionList { results }))
}
