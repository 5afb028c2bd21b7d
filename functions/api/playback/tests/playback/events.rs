//! What players report, as the audit keeps it.

use domain::playback::{AccessRule, EventKind};
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency, Query, Table,
    entities::{PlaybackEvent, VideoViolations},
    from_item,
};

use crate::stage::{Stage, assert_refused, limits};

async fn stored(stage: &Stage, session: &str) -> Vec<PlaybackEvent> {
    let query = Query::partition(format!("PLAYBACK#{session}")).prefix("EVENT#");
    let items = stage.world.store().query_all(Table::Media, query).await.unwrap();
    let mut events: Vec<PlaybackEvent> = items.into_iter().map(|item| from_item(item).unwrap()).collect();
    events.sort_by_key(|event| event.occurred_at);
    events
}

async fn violations(stage: &Stage, session: &str) -> u32 {
    let session: Id<kinds::Playback> = session.parse().unwrap();
    stage.world.store().playbacks().get(session).await.unwrap().unwrap().violation_count
}

/// What the teacher is told of the student and video.
async fn told(stage: &Stage) -> Option<u32> {
    let key = VideoViolations::key_of(stage.video, stage.enrollment);
    let found = stage.world.store().get::<VideoViolations>(key, Consistency::Strong).await.unwrap();
    found.map(|one| one.count)
}

#[tokio::test]
async fn events_are_stored_with_the_policy_of_their_moment() {
    for stage in [Stage::new().await, Stage::on_valkey(limits(1, 2)).await] {
        let reply = stage.play("phone").await.expect(200);
        let (token, session) = (reply.text("token"), reply.text("session_id"));
        let now = stage.now();
        let events = json!([
            {"type": "play_start", "occurred_at": now - 40},
            {"type": "seek_attempt", "payload": {"from": 1, "to": 50}, "occurred_at": now - 30},
            {"type": "SPEED_CHANGE_ATTEMPT", "payload": {"to": 2}, "occurred_at": now - 20},
            {"type": "visibility_change", "payload": {"state": "hidden"}, "occurred_at": now - 10},
            {"type": "PLAYER_ERROR"},
        ]);
        let reply = stage.report(&token, events).await.expect(200);
        assert_eq!(reply.body, json!({"stored": 5}));
        assert!(reply.calls <= 6, "{}", reply.calls);
        // Allowed from now on: what was stored keeps its judgement.
        stage.permit(AccessRule::Free, |permission| permission.allow_skip_override = Some(true)).await;
        stage.wait(5);
        stage
            .report(&token, json!([{"type": "SEEK_ATTEMPT", "payload": {"from": 1, "to": 50}}]))
            .await
            .expect(200);
        let found = stored(&stage, &session).await;
        let short: Vec<_> = found
            .iter()
            .map(|e| (e.event_type, e.violation_reason.as_str(), e.policy_snapshot.allow_seek))
            .collect();
        assert_eq!(
            short,
            [
                (EventKind::PlayStart, "", false),
                (EventKind::SeekAttempt, "seek_not_allowed", false),
                (EventKind::SpeedChangeAttempt, "speed_exceeds_max", false),
                (EventKind::VisibilityHidden, "", false),
                (EventKind::PlayerError, "", false),
                (EventKind::SeekAttempt, "", true),
            ]
        );
        assert_eq!(found[1].event_payload, json!({"from": 1, "to": 50}));
        assert_eq!((found[4].occurred_at.as_second(), found[4].enrollment_id), (now, Some(stage.enrollment)));
        assert!(found.iter().all(|event| event.violated != event.violation_reason.is_empty()));
        assert_eq!(violations(&stage, &session).await, 2);
        assert_eq!(told(&stage).await, Some(2));
    }
}

#[tokio::test]
async fn a_batch_that_is_sent_again_is_stored_and_counted_once() {
    let stage = Stage::new().await;
    let reply = stage.play("phone").await.expect(200);
    let (token, session) = (reply.text("token"), reply.text("session_id"));
    let batch = |name: &str| json!({"token": token, "batch_id": name, "events": [{"type": "seek_attempt"}, {"type": "pause"}]});
    let send = |name: &str| {
        let body = batch(name);
        async { stage.app.post(&stage.path("events"), &stage.student, body).await.expect(200) }
    };
    // At once, then later, under another policy.
    futures::future::join_all((0..10).map(|_| send("first"))).await;
    stage.permit(AccessRule::Free, |permission| permission.allow_skip_override = Some(true)).await;
    assert_eq!(send("first").await.body, json!({"stored": 2}));
    let found = stored(&stage, &session).await;
    assert_eq!((found.len(), violations(&stage, &session).await), (2, 1));
    assert_eq!(told(&stage).await, Some(1));
    assert!(found.iter().all(|event| !event.policy_snapshot.allow_seek));
    send("second").await;
    assert_eq!((stored(&stage, &session).await.len(), violations(&stage, &session).await), (4, 1));
}

#[tokio::test]
async fn a_batch_holds_up_to_a_hundred_events_of_known_kinds() {
    let stage = Stage::new().await;
    let reply = stage.play("phone").await.expect(200);
    let (token, session) = (reply.text("token"), reply.text("session_id"));
    let many = |count: usize| Value::from(vec![json!({"type": "pause"}); count]);
    let reply = stage.report(&token, many(100)).await.expect(200);
    assert_eq!((reply.body["stored"].as_u64(), stored(&stage, &session).await.len()), (Some(100), 100));
    assert!(reply.calls <= 8, "{}", reply.calls);
    assert_eq!(stage.report(&token, many(0)).await.expect(200).body, json!({"stored": 0}));
    stage.report(&token, many(101)).await.expect_error(422, "VALIDATION_FAILED");
    let big = "x".repeat(2048);
    for event in [
        json!({"type": "rewind"}),
        json!({"type": "pause", "payload": [1]}),
        json!({"type": "pause", "payload": {"note": big}}),
        json!({"type": "pause", "occurred_at": "now"}),
        json!({"type": "pause", "violated": false}),
        json!({}),
    ] {
        let reply = stage.report(&token, json!([event])).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].to_string().contains("events[0]"), "{}", reply.body);
    }
    // Times that are none count as now.
    stage
        .report(
            &token,
            json!([{"type": "ended", "occurred_at": i64::MAX}, {"type": "ended", "occurred_at": 0}]),
        )
        .await
        .expect(200);
    assert_eq!(stored(&stage, &session).await.len(), 102);
}

#[tokio::test]
async fn a_browser_that_leaves_may_report_without_a_login_and_nobody_after_the_access_is_gone() {
    let stage = Stage::new().await;
    let token = stage.play("phone").await.expect(200).text("token");
    let body = json!({"token": token, "events": [{"type": "pause"}]});
    stage.app.post(&stage.path("events"), None, body).await.expect(200);
    stage.permit(AccessRule::Blocked, |_| {}).await;
    assert_refused(stage.report(&token, json!([{"type": "pause"}])).await, 403, "blocked");
}
