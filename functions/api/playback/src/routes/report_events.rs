//! A player reports what happened. For the audit only: nothing is stopped (seed 002).

use axum::{Json, extract::State};
use domain::playback::{PlaybackStatus, Policy, ReportedKind, judge};
use ephemeral::{Ephemeral, ShortLived as _};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, Visitor};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::entities::{EventBatch, PlaybackEvent, violation::Whose};

use crate::{
    Keys, Settings,
    grant::Student,
    refusal,
    token::{Bearer, Claims, Expected},
    views::TOKEN_MAX,
};

/// Most bytes of one event's payload, as JSON.
const PAYLOAD_MAX: usize = 2048;

/// One event (seed 002, PlaybackEventItemSerializer).
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventItem {
    /// A name of seed 002's server, as `SEEK_ATTEMPT`, or of its client, as `seek_attempt`.
    #[serde(rename = "type")]
    #[garde(skip)]
    kind: ReportedKind,
    /// Epoch seconds; now where it is left out.
    #[garde(skip)]
    occurred_at: Option<i64>,
    /// As `{"from": 10, "to": 95}` of a seek, `{"to": 2}` of a change of speed, `{"state": "hidden"}` of a change of visibility.
    #[serde(default)]
    #[garde(custom(check_payload))]
    #[schema(value_type = Object)]
    payload: Value,
}

/// Events of one session (seed 002, PlaybackEventBatchRequestSerializer).
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "eyJ0eXAiOiJwbGF5YmFjayJ9.eyJzZXNzaW9uIjoiMDE5MzNiN2EifQ.c2lnbmF0dXJl",
    "events": [{"type": "SEEK_ATTEMPT", "occurred_at": 1_780_315_200, "payload": {"from": 10, "to": 95}}],
    "batch_id": "7",
}))]
pub(crate) struct ReportEvents {
    /// The token of play or refresh.
    #[garde(length(min = 1, max = TOKEN_MAX))]
    token: String,
    /// Up to 100.
    #[garde(length(max = 100), dive)]
    events: Vec<EventItem>,
    /// Names the batch within its session: one that is sent again under the same name is stored once.
    #[garde(inner(length(min = 1, max = 64)))]
    batch_id: Option<String>,
}

fn check_payload(payload: &Value, _: &()) -> garde::Result {
    if !matches!(payload, Value::Object(_) | Value::Null) {
        return Err(garde::Error::new("must be an object"));
    }
    let fits = payload.to_string().len() <= PAYLOAD_MAX;
    if fits { Ok(()) } else { Err(garde::Error::new(format!("must be at most {PAYLOAD_MAX} bytes of JSON"))) }
}

/// How many events are stored.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StoredView {
    #[schema(example = 3)]
    stored: u32,
}

/// Stores events with the policy of this moment and whether they break it. The token alone suffices: a browser that leaves
/// the page can't send a login with it.
#[utoipa::path(
    post, path = "/media/videos/{id}/events", operation_id = "report_playback_events", tag = "playback",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = ReportEvents,
    responses((status = 200, description = "How many are stored", body = StoredView)),
    security((), ("bearer" = [])),
)]
pub(crate) async fn report_events(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(keys): State<Keys>,
    State(settings): State<Settings>,
    Visitor(caller): Visitor,
    Params(id): Params<Id<kinds::Video>>,
    Body(body): Body<ReportEvents>,
) -> ApiResult<Json<StoredView>> {
    let now = platform.ambient().now();
    let bearer = Bearer::Anyone;
    let expected = Expected { token: &body.token, video: id, caller, bearer, session: None, device: None };
    let claims = keys.claims(&platform, &expected).await?;
    let plays = platform.store().playbacks();
    let known = plays.reported(id, Some(claims.session), body.batch_id.as_deref()).await?;
    known.video.ok_or_else(refusal::video_not_found)?;
    if let Some(batch) = known.batch {
        return Ok(Json(StoredView { stored: batch.stored }));
    }
    let is_recorded = known.record.is_some_and(|record| record.status == PlaybackStatus::Active);
    if !is_recorded || !sessions.is_active(claims.sub, claims.session, now.as_second()).await? {
        return Err(refusal::session_not_active());
    }
    let policy = match claims.enrollment_id {
        Some(enrollment) => {
            let (video, student) = Student::read(&platform, claims.sub, enrollment, id).await?;
            student.grant(&video, settings)?.policy
        }
        // A report may come without a login; the play itself was allowed to who holds the token.
        None => claims.policy.clone(),
    };
    let events = judged(&platform, &claims, &policy, &body, now);
    let violations = u32::try_from(events.iter().filter(|event| event.violated).count()).unwrap_or(u32::MAX);
    let stored = u32::try_from(events.len()).unwrap_or(u32::MAX);
    let whose = claims.enrollment_id.map(|enrollment_id| Whose {
        video_id: claims.video_id,
        enrollment_id,
        user_id: claims.sub,
    });
    plays.save_events(&events).await?;
    match body.batch_id {
        Some(batch_id) => {
            let batch = EventBatch { session_id: claims.session, batch_id, stored, created_at: now };
            plays.close_batch(&batch, (violations, whose)).await?;
        }
        None if violations > 0 => {
            plays.count_violations(claims.session, (violations, whose), now).await?;
        }
        None => {}
    }
    Ok(Json(StoredView { stored }))
}

fn judged(
    platform: &Platform,
    claims: &Claims,
    policy: &Policy,
    body: &ReportEvents,
    now: Timestamp,
) -> Vec<PlaybackEvent> {
    let event = |(index, item): (usize, &EventItem)| {
        let kind = item.kind.kind(&item.payload);
        let violation = judge(kind, &item.payload, policy);
        let id = match &body.batch_id {
            Some(batch_id) => derived(claims.session, batch_id, index),
            None => platform.ambient().id(),
        };
        PlaybackEvent {
            id,
            session_id: claims.session,
            video_id: claims.video_id,
            enrollment_id: claims.enrollment_id,
            user_id: claims.sub,
            event_type: kind,
            event_payload: item.payload.clone(),
            policy_snapshot: policy.clone(),
            violated: violation.is_some(),
            violation_reason: violation.map_or("", |violation| violation.code()).to_owned(),
            // What is no time at all counts as now (seed 002, `_epoch_to_dt`).
            occurred_at: item
                .occurred_at
                .filter(|seconds| *seconds != 0)
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .unwrap_or(now),
            received_at: now,
        }
    };
    body.events.iter().enumerate().map(event).collect()
}

/// The id of an event of a named batch: the same whenever the batch is sent.
fn derived(session: Id<kinds::Playback>, batch_id: &str, index: usize) -> Id<kinds::Event> {
    Id::of_text(format!("{session}:{index}:{batch_id}"))
}
