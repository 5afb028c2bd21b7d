//! A student, an owner or a visitor starts to play a video.

use axum::{extract::State, response::Response};
use domain::{playback::PlaybackStatus, sweep::SweepKind};
use ephemeral::{Ephemeral, Play, ShortLived as _};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Params, Platform, Principal, Visitor, check_audience};
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{PlaybackRecord, Sweep};

use crate::{
    Keys, Settings,
    grant::{self, Grant, Student},
    refusal,
    token::Claims,
    views::{self, PlaybackView},
};

/// How long after the end of a token the janitor looks whether the play is over.
const REMINDER_DELAY: SignedDuration = SignedDuration::from_secs(60);
/// Plays a minute of visitors without an account from one network address: a school class behind one address may watch, a program
/// that opens sessions without end may not.
const VISITOR_PLAYS_PER_MINUTE: u32 = 60;

/// A play to start (seed 002, PlaybackStartRequestSerializer).
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartPlayback {
    /// The enrolment in the video's course. Left out by the video's owner, and for public and preview videos.
    #[garde(skip)]
    enrollment_id: Option<Id<kinds::Enrollment>>,
    /// Stays the same on one device.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "web:chrome:5f2c91d0a4")]
    device_id: String,
}

/// Who plays: a user, or a visitor whose id is made from his device's, so that the same limits hold for him.
fn player(caller: Option<Principal>, device_id: &str) -> Id<kinds::User> {
    caller.map_or_else(|| Id::of_text(format!("visitor:{device_id}")), |caller| caller.user_id)
}

async fn check_rate(sessions: &Ephemeral, client: &Client, now: i64) -> ApiResult<()> {
    if client.ip_address.is_empty() {
        return Ok(());
    }
    let hits = sessions.hit(&format!("visitor-play:{}", client.ip_address), 60, now).await?;
    if hits > VISITOR_PLAYS_PER_MINUTE { Err(ApiError::too_many_requests(60)) } else { Ok(()) }
}

/// Starts a session and gives its token, policy, address and cookies.
#[utoipa::path(
    post, path = "/media/videos/{id}/play", operation_id = "play_video", tag = "playback",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = StartPlayback,
    responses((status = 200, description = "The play, with the signed cookies as headers", body = PlaybackView)),
    security((), ("bearer" = [])),
)]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(crate) async fn play(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(keys): State<Keys>,
    State(settings): State<Settings>,
    Visitor(caller): Visitor,
    client: Client,
    Params(id): Params<Id<kinds::Video>>,
    Body(request): Body<StartPlayback>,
) -> ApiResult<Response> {
    keys.signer(&platform).await?;
    let now = platform.ambient().clock.epoch_seconds();
    let (video, grant) = match (request.enrollment_id, caller) {
        (Some(enrollment), Some(caller)) => {
            let (video, student) = Student::read(&platform, caller.user_id, enrollment, id).await?;
            let grant = student.grant_open(&platform, &video, settings).await?;
            (video, grant)
        }
        (Some(_), None) => return Err(refusal::login_required()),
        (None, _) => {
            if caller.is_none() {
                check_rate(&sessions, &client, now).await?;
            }
            let video = grant::video(&platform, id).await?;
            let grant = grant::without_enrollment(&platform, &video, caller, settings).await?;
            (video, grant)
        }
    };
    check_audience(&platform, &video, caller, &client).await?;
    let play = Play {
        user: player(caller, &request.device_id),
        session: platform.ambient().id(),
        video: id,
        device_id: request.device_id,
    };
    let issued = sessions.issue(&play, settings.limits, settings.ttl_seconds, now).await?;
    let exp = issued.map_err(refusal::refused)?;
    if let Err(error) = record(&platform, &play, &grant, request.enrollment_id, exp).await {
        // Without a record nobody could refresh the session: it must not hold its place.
        sessions.end(play.user, play.session).await?;
        return Err(error);
    }
    let claims = Claims {
        aud: Claims::audience(),
        sub: play.user,
        visitor: caller.is_none(),
        session: play.session,
        video_id: id,
        version: grant.version,
        enrollment_id: request.enrollment_id,
        device_id: play.device_id,
        policy: grant.policy,
        iat: now,
        exp,
    };
    views::playback(&platform, &keys, claims, &grant.master).await
}

async fn record(
    platform: &Platform,
    play: &Play,
    grant: &Grant,
    enrollment_id: Option<Id<kinds::Enrollment>>,
    expires_at: i64,
) -> ApiResult<()> {
    let valid_until = Timestamp::from_second(expires_at).map_err(ApiError::internal)?;
    let record = PlaybackRecord {
        session_id: play.session,
        video_id: play.video,
        version: grant.version,
        enrollment_id,
        user_id: play.user,
        device_id: play.device_id.clone(),
        status: PlaybackStatus::Active,
        violation_count: 0,
        started_at: platform.ambient().now(),
        valid_until,
        ended_at: None,
    };
    let reminder = Sweep {
        kind: SweepKind::Playback,
        due_at: valid_until + REMINDER_DELAY,
        subject: play.session.to_string(),
        video_id: Some(play.video),
        version: grant.version,
        upload_id: None,
        user_id: Some(play.user),
        attempt: 0,
    };
    Ok(platform.store().playbacks().begin(&record, &reminder).await?)
}
