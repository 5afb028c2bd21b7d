//! A reader has read what he was told.

use kernel::{Id, SignedDuration, id::kinds};
use serde_json::json;
use store::{
    Update,
    entities::{NotificationCount, notification::Told},
};

use crate::setup::{PATH, Stage, titles};

#[tokio::test]
async fn reading_counts_down_once_and_passes_over_what_is_not_there() {
    let stage = Stage::new().await;
    let (one, two) = (stage.tell("One").await, stage.tell("Two").await);
    let nobody: Id<kinds::Notification> = stage.world.ambient().id();
    for _ in 0..2 {
        let left = stage.read(&[one, one, nobody]).await.expect(200);
        assert_eq!(left.body, json!({"unread_count": 1, "more": false}));
    }
    let page = stage.list("").await.expect(200).body;
    assert!(page["results"][1]["read_at"].is_string() && page["results"][0]["read_at"].is_null(), "{page}");
    assert_eq!(stage.read(&[two]).await.expect(200).body["unread_count"], 0);
    assert_eq!(stage.read(&[]).await.expect(200).body["unread_count"], 0);
}

#[tokio::test]
async fn an_event_that_is_told_twice_is_one_notification() {
    let stage = Stage::new().await;
    let event = stage.world.ambient().id();
    let notifications = stage.world.store().notifications();
    let first = stage.notification(event, "One");
    assert_eq!(notifications.tell(&first).await.unwrap(), Told::Made);
    stage.read(&[first.id]).await.expect(200);
    // Late, in another job, under another identifier.
    stage.world.advance(SignedDuration::from_hours(72));
    let again = stage.notification(event, "One");
    assert_eq!(notifications.tell(&again).await.unwrap(), Told::Before);
    assert_eq!(stage.stored_unread().await, 0, "and it stays read");
}

#[tokio::test]
async fn all_until_a_moment_are_read_and_what_came_later_is_not() {
    let stage = Stage::new().await;
    for course in ["1", "2", "3"] {
        stage.tell(course).await;
    }
    let seen = stage.list("").await.expect(200).body["results"][0]["created_at"].clone();
    stage.tell("4").await;
    for _ in 0..2 {
        let left = stage.read_until(seen.as_str().unwrap()).await.expect(200).body;
        assert_eq!(left, json!({"unread_count": 1, "more": false}));
    }
    assert_eq!(titles(&stage.list("?unread=true").await.expect(200).body), ["Welcome to 4"]);
    let left = stage.read_until("2999-01-01T00:00:00Z").await.expect(200).body;
    assert_eq!(left["unread_count"], 0);
}

#[tokio::test]
async fn hundreds_are_read_by_few_requests() {
    let stage = Stage::new().await;
    for number in 0..490 {
        stage.tell(&number.to_string()).await;
    }
    let first = stage.read_until("2026-06-02T00:00:00Z").await.expect(200).body;
    assert_eq!(first, json!({"unread_count": 10, "more": true}));
    let second = stage.read_until("2026-06-02T00:00:00Z").await.expect(200).body;
    assert_eq!(second, json!({"unread_count": 0, "more": false}));
    assert_eq!(stage.stored_unread().await, 0);
}

#[tokio::test]
async fn what_is_sent_must_make_sense() {
    let stage = Stage::new().await;
    let path = format!("{PATH}/read");
    let id = stage.tell("One").await;
    for body in [
        json!({}),
        json!({"ids": [id], "until": "2026-06-02T00:00:00Z"}),
        json!({"ids": vec![id; 101]}),
        json!({"ids": ["one"]}),
        json!({"until": "tomorrow"}),
        json!({"ids": [id], "all": true}),
    ] {
        stage.app.post(&path, &stage.reader, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    stage.app.post(&path, &stage.reader, json!({"ids": vec![id; 100]})).await.expect(200);
}

#[tokio::test]
async fn a_count_that_was_damaged_is_mended_when_it_is_used_and_when_a_person_asks() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for course in ["1", "2", "3"] {
        ids.push(stage.tell(course).await);
    }
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let damage = async |number: u64| {
        let key = NotificationCount::live_keys(stage.reader.id, now).remove(0);
        store.update(Update::of::<NotificationCount>(key).set("unread", number)).await.unwrap();
    };
    damage(0).await;
    assert_eq!(stage.read(&ids[..1]).await.expect(200).body["unread_count"], 2);
    damage(7).await;
    assert_eq!(store.notifications().recount(stage.reader.id, now).await.unwrap(), 2);
    assert_eq!(stage.unread_count().await, 2);
    let nobody = stage.world.student().await;
    assert_eq!(store.notifications().recount(nobody.id, now).await.unwrap(), 0);
}

#[tokio::test]
async fn who_is_suspended_reads_on() {
    let stage = Stage::new().await;
    let id = stage.tell("One").await;
    let mut user = stage.world.store().users().get(stage.reader.id).await.unwrap().unwrap();
    user.status = domain::identity::UserStatus::Suspended;
    stage.world.store().put(&user).await.unwrap();
    assert_eq!(stage.read(&[id]).await.expect(200).body["unread_count"], 0);
}
