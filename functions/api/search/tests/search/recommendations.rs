//! What a learner could learn next.

use serde_json::json;
use store::entities::{Course, Enrollment, EnrollmentGuard};
use testkit::{Caller, Reply, fixtures};

use crate::stage::{Stage, titles};

/// Courses by popularity, the last one most; the first two share a tag, and the next two.
fn tagged(number: usize, course: &mut Course) {
    course.title = format!("Course {number}");
    course.student_count = 100 * number as u64;
    course.tags = vec![["rust", "rust", "piano", "piano", "cooking"][number].into()];
    course.category = ["Web & Mobile", "Web & Mobile", "Music", "Music", "Food"][number].into();
}

async fn ask(stage: &Stage, caller: &Caller, query: &str) -> Reply {
    stage.app.get(&format!("/api/v1/dashboard/recommendations{query}"), caller).await
}

async fn enroll(stage: &Stage, student: &Caller, course: &Course) {
    stage.world.advance(jiff::SignedDuration::from_millis(5));
    let enrollment: Enrollment = fixtures::enrollment(&stage.world, student, course.id);
    let guard = EnrollmentGuard { user_id: student.id, course_id: course.id, enrollment_id: enrollment.id };
    stage.world.store().put(&enrollment).await.unwrap();
    stage.world.store().put(&guard).await.unwrap();
}

#[tokio::test]
async fn who_has_taken_nothing_sees_what_is_popular() {
    let (stage, _) = Stage::with(tagged).await;
    let student = stage.world.student().await;
    ask(&stage, &student, "").await.expect(200);
    let reply = ask(&stage, &student, "?limit=3").await.expect(200);
    assert_eq!(titles(&reply.body["results"]), ["Course 4", "Course 3", "Course 2"]);
    assert_eq!(reply.calls, 2, "his enrolments, and what he has of the courses; the session is remembered");
    let first = &reply.body["results"][0];
    assert_eq!(
        (&first["enrolled"], &first["in_cart"], &first["tags"]),
        (&json!(false), &json!(false), &json!(["cooking"]))
    );
    stage.app.get("/api/v1/dashboard/recommendations", None).await.expect_error(401, "NOT_AUTHENTICATED");
    for query in ["?limit=0", "?limit=21"] {
        ask(&stage, &student, query).await.expect_error(422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn what_is_like_his_courses_comes_first_and_what_he_has_taken_never() {
    let (stage, courses) = Stage::with(tagged).await;
    let student = stage.world.student().await;
    enroll(&stage, &student, &courses[0]).await;
    let found = titles(&ask(&stage, &student, "").await.expect(200).body["results"]);
    assert_eq!((found.len(), found[0].as_str()), (4, "Course 1"), "{found:?}");
    assert!(!found.contains(&"Course 0".to_owned()), "{found:?}");
    enroll(&stage, &student, &courses[3]).await;
    let found = titles(&ask(&stage, &student, "").await.expect(200).body["results"]);
    assert_eq!(found.len(), 3);
    let mut like: Vec<_> = found[..2].to_vec();
    like.sort();
    assert_eq!(like, ["Course 1", "Course 2"], "one for each of his courses");
    // One that is over is not recommended again, even if nothing but its guard is found.
    let guard = EnrollmentGuard {
        user_id: student.id,
        course_id: courses[4].id,
        enrollment_id: stage.world.ambient().id(),
    };
    stage.world.store().put(&guard).await.unwrap();
    let found = titles(&ask(&stage, &student, "").await.expect(200).body["results"]);
    assert!(!found.contains(&"Course 4".to_owned()), "{found:?}");
    for course in &courses[1..3] {
        enroll(&stage, &student, course).await;
    }
    assert_eq!(ask(&stage, &student, "").await.expect(200).body, json!({"results": []}));
}

#[tokio::test]
async fn nobody_is_told_to_take_what_he_teaches_and_nothing_comes_before_the_first_index() {
    let (stage, _) = Stage::with(tagged).await;
    assert_eq!(ask(&stage, &stage.teacher, "").await.expect(200).body, json!({"results": []}));
    let empty = Stage::empty().await;
    let student = empty.world.student().await;
    assert_eq!(ask(&empty, &student, "").await.expect(200).body, json!({"results": []}));
}
