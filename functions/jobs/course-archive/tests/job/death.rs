//! A job that dies before any of its requests, and messages that are taken by two at once.

use futures::future::join;
use serde_json::json;

use crate::stage::{Stage, entries};

#[tokio::test]
async fn an_export_that_dies_anywhere_is_written_all_the_same() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one", b"two"]).await;
    let mut requests = 0;
    loop {
        // More than a teacher may ask for in an hour.
        stage.world.advance(kernel::SignedDuration::from_mins(10));
        let teacher = stage.world.login(teacher.id).await;
        let message = stage.ask(&teacher, &path).await;
        let has_died = stage.deliver(&message, (1, requests)).await.is_none();
        if has_died {
            let status = stage.exported(&teacher, &path).await.text("status");
            assert!(["queued", "running", "ready"].contains(&status.as_str()), "after {requests}: {status}");
        }
        stage.done(&message).await;
        assert_eq!(entries(&stage.archive(&teacher, &path).await).len(), 3, "after {requests} requests");
        if !has_died {
            break;
        }
        requests += 1;
    }
    assert!(requests > 8, "{requests} requests");
}

#[tokio::test]
async fn an_import_that_dies_anywhere_is_not_seen_before_it_is_whole_and_there_once() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one", b"two"]).await;
    let message = stage.ask(&teacher, &path).await;
    stage.done(&message).await;
    let archive = stage.archive(&teacher, &path).await;
    let (mut requests, mut known) = (0, 1);
    loop {
        stage.world.advance(kernel::SignedDuration::from_mins(10));
        let teacher = stage.world.login(teacher.id).await;
        let (message, state) = stage.send(&teacher, &archive).await;
        let has_died = stage.deliver(&message, (1, requests)).await.is_none();
        let seen = stage.courses(&teacher).await - known;
        assert!(seen <= 1);
        let course = stage.app.get(&state, &teacher).await.expect(200).body["course_id"].clone();
        assert!(course == json!(null) || seen == 1, "after {requests} requests");
        stage.done(&message).await;
        let made = stage.app.get(&state, &teacher).await.expect(200).body;
        assert_eq!(
            (&made["status"], &made["left_out"]),
            (&json!("ready"), &json!([])),
            "after {requests} requests"
        );
        known += 1;
        assert_eq!(stage.courses(&teacher).await, known, "after {requests} requests");
        let copy = format!("/api/v1/courses/{}", made["course_id"].as_str().unwrap());
        let files: Vec<_> = stage.files(&teacher, &copy).await.into_values().collect();
        assert_eq!(files, [b"one", b"two"], "after {requests} requests");
        assert_eq!(
            (stage.loose().await, stage.sent_archives(&teacher).await),
            (0, 0),
            "after {requests} requests"
        );
        if !has_died {
            break;
        }
        requests += 1;
    }
    assert!(requests > 15, "{requests} requests");
}

#[tokio::test]
async fn two_that_take_the_same_message_make_one_course() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one", b"two"]).await;
    let message = stage.ask(&teacher, &path).await;
    let both = join(stage.deliver(&message, (1, usize::MAX)), stage.deliver(&message, (1, usize::MAX)));
    assert!(matches!(both.await, (Some(Ok(())), Some(Ok(())))));
    let archive = stage.archive(&teacher, &path).await;
    let (message, state) = stage.send(&teacher, &archive).await;
    let (one, two) =
        join(stage.deliver(&message, (1, usize::MAX)), stage.deliver(&message, (1, usize::MAX))).await;
    // Who is second may have to come again.
    assert!(one.unwrap().is_ok() || two.unwrap().is_ok());
    stage.done(&message).await;
    let made = stage.app.get(&state, &teacher).await.expect(200).body;
    assert_eq!((&made["status"], stage.courses(&teacher).await), (&json!("ready"), 2), "{made}");
    let copy = format!("/api/v1/courses/{}", made["course_id"].as_str().unwrap());
    assert_eq!(stage.files(&teacher, &copy).await.len(), 2);
    assert_eq!(stage.loose().await, 0);
}
