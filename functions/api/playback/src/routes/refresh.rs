//! A player goes on beyond the life of its token.

use axum::{extract::State, response::Response};
use ephemeral::{Ephemeral, ShortLived as _};
use http_kit::{ApiError, ApiResult, Body, Client, Params, Platform, Visitor, check_audience};
use kernel::{Id, Timestamp, id::kinds};

use crate::{
    Keys, Settings,
    grant::{self, Student},
    refusal,
    token::Bearer,
    views::{self, PlaybackView, TokenBody},
};

/// Checks access again, country and age too, and gives a new token, policy and cookies; the session is prolonged. The play stays with its version of the video, as long as that
/// is kept: the player is in the middle of its playlists. After that, `play_url` is another one.
#[utoipa::path(
    post, path = "/media/videos/{id}/refresh", operation_id = "refresh_playback", tag = "playback",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = TokenBody,
    responses((status = 200, description = "The play, with new signed cookies as headers", body = PlaybackView)),
    security((), ("bearer" = [])),
)]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(crate) async fn refresh(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(keys): State<Keys>,
    State(settings): State<Settings>,
    Visitor(caller): Visitor,
    client: Client,
    Params(id): Params<Id<kinds::Video>>,
    Body(body): Body<TokenBody>,
) -> ApiResult<Response> {
    keys.signer(&platform).await?;
    let now = platform.ambient().clock.epoch_seconds();
    let claims = keys.claims(&platform, &body.expected(id, caller, Bearer::User)).await?;
    let (video, grant) = match claims.enrollment_id {
        Some(enrollment) => {
            let (video, student) = Student::read(&platform, claims.sub, enrollment, id).await?;
            let grant = student.grant_open(&platform, &video, settings).await?;
            (video, grant)
        }
        None => {
            let video = grant::video(&platform, id).await?;
            let grant = grant::without_enrollment(&platform, &video, caller, settings).await?;
            (video, grant)
        }
    };
    // Who moved meanwhile, or whose teacher has made the rule meanwhile, plays no longer than his cookies work.
    check_audience(&platform, &video, caller, &client).await?;
    let play = claims.play();
    let prolonged = sessions.heartbeat(&play, settings.limits, settings.ttl_seconds, now).await?;
    let exp = prolonged.ok_or_else(refusal::session_not_active)?;
    let valid_until = Timestamp::from_second(exp).map_err(ApiError::internal)?;
    // The record has the last word: it knows of an end that the live state missed while it was down.
    let record = platform.store().playbacks().prolong(play.session, play.user, valid_until).await?;
    if record.is_none() {
        sessions.end(play.user, play.session).await?;
        return Err(refusal::session_not_active());
    }
    let grant = grant.of_play(&platform, id, claims.version).await?;
    let master = grant.master.clone();
    views::playback(&platform, &keys, claims.renewed(grant, now, exp), &master).await
}
