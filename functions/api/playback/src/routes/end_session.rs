//! A user ends a play on another of his devices.

use axum::{extract::State, response::Response};
use domain::playback::PlaybackStatus;
use ephemeral::{Ephemeral, ShortLived as _};
use http_kit::{ApiResult, Params, Platform, SignedIn, no_content};
use kernel::{Id, id::kinds};

use crate::refusal;

/// Ends one of the caller's sessions: its player is refused from its next call on.
#[utoipa::path(
    delete, path = "/media/sessions/{id}", operation_id = "end_playback_session", tag = "playback",
    params(("id" = Id<kinds::Playback>, Path)),
    responses((status = 204, description = "It is over")),
)]
pub(crate) async fn end_session(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Playback>>,
) -> ApiResult<Response> {
    let plays = platform.store().playbacks();
    let now = platform.ambient().now();
    let recorded = plays.finish(id, caller.user_id, PlaybackStatus::Revoked, now).await?.is_some();
    // Asked in any case: a play that failed half way may hold a place without a record.
    let live = sessions.end(caller.user_id, id).await?;
    if recorded || live { Ok(no_content()) } else { Err(refusal::session_not_found()) }
}
