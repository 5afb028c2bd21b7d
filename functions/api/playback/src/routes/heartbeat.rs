//! A player says that it still plays.

use axum::{Json, extract::State};
use ephemeral::{Ephemeral, ShortLived as _};
use http_kit::{ApiResult, Body, Params, Platform, Visitor};
use kernel::{Id, id::kinds};
use serde::Serialize;

use crate::{Keys, Settings, refusal, token::Bearer, views::TokenBody};

/// The session lives.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct HeartbeatView {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// When the session ends without another heartbeat, in epoch seconds. Token and cookies end as before: refresh renews them.
    expires_at: i64,
}

/// Prolongs the session.
#[utoipa::path(
    post, path = "/media/videos/{id}/heartbeat", operation_id = "heartbeat_playback", tag = "playback",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = TokenBody,
    responses((status = 200, description = "It lives", body = HeartbeatView)),
    security((), ("bearer" = [])),
)]
pub(crate) async fn heartbeat(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(keys): State<Keys>,
    State(settings): State<Settings>,
    Visitor(caller): Visitor,
    Params(id): Params<Id<kinds::Video>>,
    Body(body): Body<TokenBody>,
) -> ApiResult<Json<HeartbeatView>> {
    let now = platform.ambient().clock.epoch_seconds();
    let claims = keys.claims(&platform, &body.expected(id, caller, Bearer::User)).await?;
    let prolonged = sessions.heartbeat(&claims.play(), settings.limits, settings.ttl_seconds, now).await?;
    let expires_at = prolonged.ok_or_else(refusal::session_not_active)?;
    Ok(Json(HeartbeatView { status: "ok", expires_at }))
}
