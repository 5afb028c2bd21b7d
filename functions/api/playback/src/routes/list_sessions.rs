//! A user sees on which devices he plays.

use axum::{Json, extract::State};
use ephemeral::{Ephemeral, ShortLived as _};
use http_kit::{ApiResult, CursorPage, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::Serialize;

/// A live session. Times are epoch seconds, as everywhere in playback.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LiveSessionView {
    id: Id<kinds::Playback>,
    video_id: Id<kinds::Video>,
    device_id: String,
    started_at: i64,
    last_seen: i64,
    expires_at: i64,
}

/// The caller's live sessions, the oldest first. There are at most as many as a user may have, so there is one page.
#[utoipa::path(
    get, path = "/media/sessions", operation_id = "list_playback_sessions", tag = "playback",
    responses((status = 200, description = "The sessions", body = CursorPage<LiveSessionView>)),
)]
pub(crate) async fn list_sessions(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<CursorPage<LiveSessionView>>> {
    let live = sessions.list(caller.user_id, platform.ambient().clock.epoch_seconds()).await?;
    let view = |(id, session): (_, ephemeral::LiveSession)| LiveSessionView {
        id,
        video_id: session.video_id,
        device_id: session.device_id,
        started_at: session.started_at,
        last_seen: session.last_seen,
        expires_at: session.expires_at,
    };
    Ok(Json(CursorPage { next: None, results: live.into_iter().map(view).collect() }))
}
