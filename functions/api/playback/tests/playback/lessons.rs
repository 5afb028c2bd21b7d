//! Videos of lessons: what they complete, and when they are locked.

use domain::{course::LessonKind, enrollment::EnrollmentStatus, learning::Schedule};
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::{
    Update,
    entities::{Course, Enrollment, TakenLesson},
};

use crate::{
    progress::{report, shown},
    stage::{Stage, assert_refused},
};

#[tokio::test]
async fn a_lesson_that_is_completed_counts_once_and_the_last_one_completes_the_course() {
    let stage = Stage::new().await;
    let lesson = stage.put_lesson(|_| {}).await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    stage.wait(30);
    let some = report(&stage, Some(&session), json!([[0, 30]]), 30.0).await.expect(200);
    assert!(some.calls <= 6, "session, video and rows, record, lesson, write: {}", some.calls);
    assert_eq!(stage.enrolled().await.lessons_completed, 0);
    stage.wait(60);
    let reports = (0..8).map(|_| report(&stage, Some(&session), json!([[0, 95]]), 95.0));
    for reply in join_all(reports).await {
        assert!(shown(&reply.expect(200)).2);
    }
    report(&stage, Some(&session), json!([[90, 100]]), 100.0).await.expect(200);
    let after = stage.enrolled().await;
    assert_eq!((after.lessons_completed, after.status), (1, EnrollmentStatus::Completed));
    assert_eq!(after.completed_at, Some(stage.world.ambient().now()));
    let kept = stage.world.store().learning().get(stage.enrollment, lesson.id).await.unwrap().unwrap();
    assert_eq!((kept.completed_at, kept.kind), (after.completed_at, LessonKind::Video));
}

#[tokio::test]
async fn a_video_that_was_watched_before_it_was_a_lessons_completes_it_with_the_next_report() {
    let stage = Stage::new().await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    stage.wait(90);
    assert!(shown(&report(&stage, Some(&session), json!([[0, 95]]), 95.0).await.expect(200)).2);
    assert_eq!(stage.enrolled().await.lessons_completed, 0);
    stage.put_lesson(|_| {}).await;
    for _ in 0..2 {
        report(&stage, Some(&session), json!([]), 95.0).await.expect(200);
        assert_eq!(stage.enrolled().await.lessons_completed, 1);
    }
    // One that was counted in the time before lessons were kept by themselves is not counted again.
    let old = Stage::new().await;
    old.put_lesson(|_| {}).await;
    old.set_completed().await;
    report(&old, None, json!([[0, 100]]), 95.0).await.expect(200);
    assert_eq!(old.enrolled().await.lessons_completed, 0);
}

#[tokio::test]
async fn a_lesson_that_is_locked_does_not_play() {
    let stage = Stage::new().await;
    let opens_at = stage.world.ambient().now() + SignedDuration::from_mins(5);
    let lesson = stage
        .put_lesson(|lesson| lesson.schedule = Schedule { opens_at: Some(opens_at), opens_after_days: None });
    let mut lesson = lesson.await;
    let refused = stage.play("phone").await;
    assert_eq!(
        refused.body["error"]["details"],
        json!({"reason": "not_yet", "opens_at": opens_at}),
        "{:#}",
        refused.body
    );
    assert_refused(refused, 403, "lesson_locked");
    assert_refused(report(&stage, None, json!([[0, 10]]), 10.0).await, 403, "lesson_locked");
    // Its teacher watches it, and everybody does where it is a preview.
    let body = json!({"device_id": "desk"});
    stage.app.post(&stage.path("play"), &stage.teacher, body.clone()).await.expect(200);
    lesson.is_preview = true;
    stage.world.store().put(&lesson).await.unwrap();
    let preview = stage.play("phone").await.expect(200);
    stage.send("end", &preview.text("token")).await.expect(200);
    lesson.is_preview = false;
    stage.world.store().put(&lesson).await.unwrap();

    stage.wait(300);
    let open = stage.play("phone").await.expect(200);
    assert!(open.calls <= 6, "as without a lesson, and its course: {}", open.calls);
    // The teacher thinks again: what plays ends with its token.
    lesson.schedule.opens_at = Some(opens_at + SignedDuration::from_hours(1));
    stage.world.store().put(&lesson).await.unwrap();
    assert_refused(stage.send("refresh", &open.text("token")).await, 403, "lesson_locked");
}

#[tokio::test]
async fn in_a_required_order_a_video_waits_for_the_lessons_before_it() {
    let stage = Stage::new().await;
    let first = stage.put_lesson(|lesson| (lesson.kind, lesson.video_id) = (LessonKind::Text, None)).await;
    stage.put_lesson(|_| {}).await;
    stage.play("phone").await.expect(200);
    let order = Update::of::<Course>(Course::key_of(stage.course)).set("required_order", true);
    stage.world.store().update(order).await.unwrap();
    let refused = stage.play("phone").await;
    assert_eq!(
        refused.body["error"]["details"],
        json!({"reason": "earlier_lessons", "opens_at": Value::Null})
    );
    assert_refused(refused, 403, "lesson_locked");
    let taken = TakenLesson::new(&stage.enrolled().await, &first);
    stage.world.store().learning().complete(taken, None, stage.world.ambient().now()).await.unwrap();
    let reply = stage.play("tablet").await;
    assert_refused(reply, 409, "concurrency_limit_exceeded");
}

#[tokio::test]
async fn who_is_suspended_or_whose_time_is_over_loses_playback_at_the_next_heartbeat() {
    for (name, value) in [("status", json!("suspended")), ("expiry_date", json!("2026-06-01T12:00:05Z"))] {
        let stage = Stage::new().await;
        let token = stage.play("phone").await.expect(200).text("token");
        stage.send("heartbeat", &token).await.expect(200);
        let key = Enrollment::key_of(stage.student.id, stage.enrollment);
        stage.world.store().update(Update::of::<Enrollment>(key).set(name, value)).await.unwrap();
        stage.wait(10);
        assert_refused(stage.send("refresh", &token).await, 404, "enrollment_not_found");
        assert_refused(stage.send("heartbeat", &token).await, 404, "enrollment_not_found");
        assert_refused(stage.play("phone").await, 404, "enrollment_not_found");
        let live = stage.app.get("/api/v1/media/sessions", &stage.student).await.expect(200).body;
        assert_eq!(live["results"].as_array().unwrap().len(), 0, "{live:#}");
    }
}
