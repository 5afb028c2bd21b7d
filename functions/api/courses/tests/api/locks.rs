//! When lessons open, as their teacher sets it and as students meet it.

use domain::enrollment::EnrollmentStatus;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::entities::{LessonProgress, TakenLesson};
use testkit::Reply;

use crate::setup::{answers, course, enroll, id_in, lesson, quiz_lesson, section, text_lesson, world};

fn locked(reply: Reply) -> Value {
    reply.expect_error(403, "LESSON_LOCKED").body["error"]["details"].clone()
}

#[tokio::test]
async fn a_teacher_says_when_lessons_open() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let opens_at = world.ambient().now() + SignedDuration::from_hours(2);
    let mut later = text_lesson();
    later["opens_at"] = json!(opens_at);
    let text = lesson(&app, &teacher, &course, &basics, later).await;
    let quiz = lesson(&app, &teacher, &course, &basics, quiz_lesson()).await;
    let (text, quiz) = (format!("{course}/lessons/{text}"), format!("{course}/lessons/{quiz}"));
    let changed = app.patch(&quiz, &teacher, json!({"opens_after_days": 2})).await.expect(200);
    assert_eq!((&changed.body["opens_after_days"], &changed.body["opens_at"]), (&json!(2), &Value::Null));
    app.patch(&quiz, &teacher, json!({"opens_after_days": 3_651}))
        .await
        .expect_error(422, "VALIDATION_FAILED");
    app.patch(&quiz, &teacher, json!({"opens_at": "soon"})).await.expect_error(422, "VALIDATION_FAILED");
    app.post(&format!("{course}/publish"), &teacher, json!({})).await.expect(200);
    let page = app.get(&course, None).await.expect(200).body;
    let shown = &page["curriculum"][0]["lessons"];
    assert_eq!((&shown[0]["opens_at"], &shown[1]["opens_after_days"]), (&json!(opens_at), &json!(2)));

    // A copy opens as the course does.
    let document = app.get(&format!("{course}/export"), &teacher).await.expect(200).body;
    assert_eq!(document["sections"][0]["lessons"][0]["opens_at"], json!(opens_at));
    let copy = app.post("/api/v1/courses/import", &teacher, document).await.expect(201).text("id");
    let copy = app.get(&format!("/api/v1/courses/{copy}"), &teacher).await.expect(200).body;
    let copied = &copy["curriculum"][0]["lessons"];
    assert_eq!((&copied[0]["opens_at"], &copied[1]["opens_after_days"]), (&json!(opens_at), &json!(2)));

    let enrollment = enroll(&world, &student, &course).await;
    assert_eq!(locked(app.get(&text, &student).await), json!({"reason": "not_yet", "opens_at": opens_at}));
    let in_days = enrollment.enrolled_at + SignedDuration::from_hours(48);
    let attempts = format!("{quiz}/quiz-attempts");
    for reply in [
        app.get(&quiz, &student).await,
        app.get(&attempts, &student).await,
        app.post(&attempts, &student, answers(&[])).await,
        app.get(&format!("{quiz}/resources/{}", world.ambient().id::<()>()), &student).await,
    ] {
        assert_eq!(locked(reply), json!({"reason": "not_yet", "opens_at": in_days}));
    }
    app.get(&quiz, &teacher).await.expect(200);
    app.patch(&text, &teacher, json!({"opens_at": null})).await.expect(200);
    assert!(app.get(&text, &student).await.expect(200).body["opens_at"].is_null());
    app.patch(&quiz, &teacher, json!({"is_preview": true})).await.expect(200);
    app.get(&quiz, &student).await.expect(200);
}

#[tokio::test]
async fn a_required_order_holds_for_lessons_and_quizzes_and_a_pass_opens_the_next_one() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let text = lesson(&app, &teacher, &course, &basics, text_lesson()).await;
    let quiz = lesson(&app, &teacher, &course, &basics, quiz_lesson()).await;
    let last = lesson(&app, &teacher, &course, &basics, text_lesson()).await;
    let ordered = app.patch(&course, &teacher, json!({"required_order": true})).await.expect(200).body;
    assert_eq!(ordered["required_order"], true);
    app.post(&format!("{course}/publish"), &teacher, json!({})).await.expect(200);
    let document = app.get(&format!("{course}/export"), &teacher).await.expect(200).body;
    assert_eq!(document["course"]["required_order"], true);
    let copy = app.post(&format!("{course}/duplicate"), &teacher, json!({})).await.expect(201).body;
    assert_eq!(copy["required_order"], true);

    let enrollment = enroll(&world, &student, &course).await;
    let path = |lesson: &str| format!("{course}/lessons/{lesson}");
    let closed = json!({"reason": "earlier_lessons", "opens_at": null});
    app.get(&path(&text), &student).await.expect(200);
    assert_eq!(locked(app.get(&path(&quiz), &student).await), closed);
    let (learning, now) = (world.store().learning(), world.ambient().now());
    let first = world.store().courses().lesson(id_in(&course), text.parse().unwrap()).await.unwrap().unwrap();
    learning.complete(TakenLesson::new(&enrollment, &first), None, now).await.unwrap();
    let seen = app.get(&path(&quiz), &student).await.expect(200);
    assert!(seen.calls <= 7, "lesson, guard, enrolment, outline, completed lessons, sheet: {}", seen.calls);
    assert_eq!(locked(app.get(&path(&last), &student).await), closed);
    let passed =
        app.post(&format!("{}/quiz-attempts", path(&quiz)), &student, answers(&[])).await.expect(201);
    assert_eq!(passed.body["passed"], true);
    app.get(&path(&last), &student).await.expect(200);
    let kept = learning.of_enrollment(enrollment.id).await.unwrap();
    assert!(kept.len() == 2 && kept.iter().all(LessonProgress::is_completed), "{kept:?}");
    let after = world.store().enrollments().get(student.id, enrollment.id).await.unwrap().unwrap();
    assert_eq!((after.lessons_completed, after.status), (2, EnrollmentStatus::Active));
}
