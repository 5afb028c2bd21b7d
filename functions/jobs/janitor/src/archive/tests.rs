//! Storage and the bucket behind a proxy that can cut the job off.

use std::io::Read as _;

use cloud::Objects;
use domain::{playback::PlaybackStatus, sweep::SweepKind};
use flate2::read::GzDecoder;
use kernel::{SignedDuration, Vars};
use serde_json::{Value, json};
use store::entities::{PlaybackRecord, Sweep};
use testkit::{
    World,
    aws::{AwsServer, cloud_at, job_settings},
    cut::Cut,
};

use super::*;
use crate::Task;

const BUCKET: &str = "uploads-bucket";

struct Stage {
    world: World,
    cut: Cut,
    objects: Objects,
    settings: Vec<(String, String)>,
    _aws: AwsServer,
}

impl Stage {
    async fn new() -> Self {
        let (world, aws, cut) = (World::new().await, AwsServer::start("s3"), Cut::default());
        cut.after(usize::MAX);
        aws.make_bucket(BUCKET);
        let own = [
            ("INGEST_QUEUE_URL", "http://127.0.0.1:9/ingest"),
            ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
            ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
            ("PRIVACY_QUEUE_URL", "http://127.0.0.1:9/privacy"),
            ("CERTIFY_QUEUE_URL", "http://127.0.0.1:9/certify"),
            ("DISTRIBUTION_ID", "unused"),
            ("UPLOADS_BUCKET", BUCKET),
            ("MEDIA_BUCKET", "unused"),
        ];
        let (storage, tables) = (cut.before(aws.url()).await, cut.before(world.dynamodb_url.clone()).await);
        let settings = job_settings(&storage, &tables, &own);
        Self { world, cut, objects: cloud_at(&aws.url()).objects(), settings, _aws: aws }
    }

    /// A fresh instance of the job.
    fn context(&self) -> Context {
        Context::with(Vars::fixed(self.settings.clone()), self.world.ambient().clone()).unwrap()
    }

    async fn archive(&self) {
        run(&self.context(), self.world.ambient().now()).await.unwrap();
    }

    /// A play that is over, with so many events, which are due.
    async fn play(&self, events: usize) -> Id<kinds::Playback> {
        self.world.advance(SignedDuration::from_millis(5));
        let (ambient, now, store) = (self.world.ambient(), self.world.ambient().now(), self.world.store());
        let session: Id<kinds::Playback> = ambient.id();
        let policy = json!({
            "allow_seek": true, "playback_rate": {"max": 1.0, "ui_control": true},
            "watermark": {"enabled": true, "mode": "overlay", "fields": []},
            "concurrency": {"max_sessions": 1, "max_devices": 1, "max_concurrent_sessions": 1},
        });
        let user = ambient.id::<kinds::User>();
        for number in 0..events {
            let event: PlaybackEvent = serde_json::from_value(json!({
                "id": ambient.id::<()>(), "session_id": session, "video_id": ambient.id::<()>(), "user_id": user,
                "event_type": "SEEK_ATTEMPT", "event_payload": {"from": number, "note": "ada@example.com"},
                "policy_snapshot": policy, "violated": false, "occurred_at": now, "received_at": now,
            }))
            .unwrap();
            store.put(&event).await.unwrap();
        }
        let batch = EventBatch { session_id: session, batch_id: "1".into(), stored: 1, created_at: now };
        store.put(&batch).await.unwrap();
        let record: PlaybackRecord = serde_json::from_value(json!({
            "session_id": session, "video_id": ambient.id::<()>(), "version": 1, "user_id": user, "device_id": "phone",
            "status": PlaybackStatus::Ended, "started_at": now, "valid_until": now,
        }))
        .unwrap();
        store.put(&record).await.unwrap();
        let reminder = PlannedPlay { subject: session.to_string(), due_at: now }.reminder();
        store.put(&reminder).await.unwrap();
        session
    }

    /// The lines of the archive that are about a play.
    async fn archived(&self, play: Id<kinds::Playback>) -> Vec<Value> {
        let mut lines = Vec::new();
        for key in self.objects.list(BUCKET, "playback-events/", 1_000).await.unwrap() {
            let bytes = self.objects.read(BUCKET, &key).await.unwrap();
            let mut text = String::new();
            GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
            lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        lines.retain(|line| line["play"] == pseudonym(play).to_string());
        lines
    }

    /// The types of what is stored of a play.
    async fn stored(&self, play: Id<kinds::Playback>) -> Vec<String> {
        let items = self.world.store().belongings().all(&Part::Play(play)).await.unwrap();
        items.iter().map(|item| item_type(item).to_owned()).collect()
    }

    async fn due(&self) -> usize {
        let now = self.world.ambient().now();
        self.world.store().sweeps().due(SweepKind::Archive, now, 1_000).await.unwrap().len()
    }

    /// Each event of the play is in the archive once, and nowhere else.
    async fn assert_archived(&self, play: Id<kinds::Playback>, events: usize, when: &str) {
        let lines = self.archived(play).await;
        let mut from: Vec<_> =
            lines.iter().map(|line| line["event_payload"]["from"].as_u64().unwrap()).collect();
        from.sort_unstable();
        let expected: Vec<u64> = (0..).take(events).collect();
        assert_eq!(from, expected, "{when}");
        assert_eq!(self.stored(play).await, ["playback"], "{when}");
    }
}

#[tokio::test]
async fn events_are_archived_without_whoever_it_was() {
    let stage = Stage::new().await;
    let (play, silent) = (stage.play(2).await, stage.play(0).await);
    stage.archive().await;
    stage.assert_archived(play, 2, "at once").await;
    stage.assert_archived(silent, 0, "a play without events").await;
    let mut lines = stage.archived(play).await;
    let line = lines.remove(0);
    let fields: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "event_payload",
        "event_type",
        "occurred_at",
        "play",
        "policy_snapshot",
        "received_at",
        "video_id",
        "violated",
        "violation_reason",
    ];
    assert_eq!(fields, expected);
    let text = line.to_string();
    assert!(!text.contains(&play.to_string()) && !text.contains("ada@example.com"), "{text}");
    let keys = stage.objects.list(BUCKET, "playback-events/", 10).await.unwrap();
    // Ninety days before the reminder was due.
    assert!(keys.len() == 1 && keys[0].starts_with("playback-events/2026/03/03/"), "{keys:?}");
    assert!(stage.world.store().archives().open().await.unwrap().is_none());
    stage.archive().await;
    assert_eq!(stage.archived(play).await.len(), 2, "again");
}

#[tokio::test]
async fn a_play_that_is_over_is_archived_after_ninety_days() {
    let stage = Stage::new().await;
    let play = stage.play(1).await;
    stage.archive().await;
    let play = {
        // Another one, whose reminder is the one of its end.
        let other = stage.play(3).await;
        let now = stage.world.ambient().now();
        let reminder = PlannedPlay { subject: other.to_string(), due_at: now }.reminder();
        let ends = Sweep { kind: SweepKind::Playback, ..reminder.clone() };
        stage.world.store().sweeps().done(&reminder).await.unwrap();
        stage.world.store().put(&ends).await.unwrap();
        assert_ne!(play, other);
        other
    };
    let sweep = async || crate::handle(&stage.context(), Task::Sweep { ahead_seconds: 0 }).await.unwrap();
    sweep().await;
    stage.world.advance(SignedDuration::from_hours(24 * 90 - 1));
    sweep().await;
    assert_eq!(stage.stored(play).await.len(), 5, "the play, its events and their batch");
    stage.world.advance(SignedDuration::from_hours(1));
    sweep().await;
    stage.assert_archived(play, 3, "after ninety days").await;
    assert_eq!(stage.due().await, 0);
}

#[tokio::test]
async fn a_job_that_dies_before_any_of_its_requests_loses_no_event_and_archives_none_twice() {
    let stage = Stage::new().await;
    for requests in 0.. {
        // More than one call deletes.
        let plays = [stage.play(26).await, stage.play(1).await];
        stage.cut.after(requests);
        let context = stage.context();
        let lived = stage.cut.run(run(&context, stage.world.ambient().now())).await;
        stage.cut.after(usize::MAX);
        // What came meanwhile is due too, and does not mix with what was begun.
        let later = stage.play(2).await;
        stage.archive().await;
        let when = format!("after {requests} requests");
        for (play, events) in [(plays[0], 26), (plays[1], 1), (later, 2)] {
            stage.assert_archived(play, events, &when).await;
        }
        assert_eq!(stage.due().await, 0, "{when}");
        assert!(stage.world.store().archives().open().await.unwrap().is_none(), "{when}");
        if lived.is_some() {
            assert!(requests > 10, "{requests}");
            break;
        }
    }
}

#[tokio::test]
async fn two_runs_at_once_archive_each_event_once() {
    let stage = Stage::new().await;
    for round in 0..5 {
        let plays = [stage.play(3).await, stage.play(30).await, stage.play(1).await];
        let (one, other) = (stage.context(), stage.context());
        let now = stage.world.ambient().now();
        let (first, second) = tokio::join!(run(&one, now), run(&other, now));
        assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
        stage.archive().await;
        for (play, events) in plays.into_iter().zip([3, 30, 1]) {
            stage.assert_archived(play, events, &format!("round {round}")).await;
        }
    }
}
