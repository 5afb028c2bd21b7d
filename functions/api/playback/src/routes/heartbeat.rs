//! A player says that it still plays.

use axum::{Json, extract::State};
use domain::playback::PlaybackStatus;
use ephemeral::{Ephemeral, ShortLived as _};
use http::StatusCode;
use http_kit::{ApiResult, Body, Params, Platform, Visitor};
use kernel::{Id, id::kinds};
use serde::Serialize;

use crate::{Keys, Settings, grant::Student, refusal, token::Bearer, views::TokenBody};

/// The session lives.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct HeartbeatView {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// When the session ends without another heartbeat, in epoch seconds. Token and cookies end as before: refresh renews them.
    expires_at: i64,
}

/// Prolongs the session, unless the teacher has blocked the video for this student, or the enrolment has ended: then the session ends.
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
    if let Some(enrollment) = claims.enrollment_id
        && let Err(error) = Student::check_goes_on(&platform, claims.sub, enrollment, id).await
    {
        // What failed for another reason says nothing of the play.
        if matches!(error.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            let plays = platform.store().playbacks();
            let at = platform.ambient().now();
            plays.finish(claims.session, claims.sub, PlaybackStatus::Revoked, at).await?;
            sessions.end(claims.sub, claims.session).await?;
        }
        return Err(error);
    }
    let prolonged = sessions.heartbeat(&claims.play(), settings.limits, settings.ttl_seconds, now).await?;
    let expires_at = prolonged.ok_or_else(refusal::session_not_active)?;
    Ok(Json(HeartbeatView { status: "ok", expires_at }))
}
