//! A course from its first lesson to its completion, and what an admin may do to somebody's place in it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::{Course, Person, Stack, text};

async fn pass(student: &Person, course: &Course, quiz: &str) -> Value {
    let path = format!("/courses/{}/lessons/{quiz}/quiz-attempts", course.id);
    student.post(&path, json!({"quiz_version": 1, "answers": [{"question": 1, "choices": [2]}]})).await.ok()
}

#[tokio::test]
async fn a_course_is_taken_in_its_order_and_completed_once() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("In order").await;
    let first = teacher.lesson(&course.id, &course.section, None).await;
    let quiz = teacher.quiz(&course).await;
    let path = format!("/courses/{}", course.id);
    teacher.call(Method::PATCH, &path, Some(json!({"required_order": true}))).await.ok();
    teacher.post(&format!("{path}/publish"), None).await.ok();
    let enrollment = student.enroll(&course.id).await;

    let early = student
        .post(&format!("{path}/lessons/{quiz}/quiz-attempts"), json!({"quiz_version": 1, "answers": []}))
        .await;
    assert_eq!((early.status.as_u16(), early.code()), (403, "LESSON_LOCKED"), "{}", early.body);
    let shown = student.get(&format!("/enrollments/{enrollment}")).await.ok();
    let lessons = &shown["course"]["curriculum"][0]["lessons"];
    assert_eq!((&lessons[0]["locked"], &lessons[1]["locked"]), (&json!(false), &json!(true)));

    let read = student.read(&enrollment, &first).await;
    assert_eq!((&read["enrollment_progress"], &read["course_completed"]), (&json!(50), &json!(false)));
    let place = &student.get("/dashboard/continue-learning").await.ok()["results"][0];
    assert_eq!((&place["enrollment_id"], &place["current_lesson"]["id"]), (&json!(enrollment), &json!(quiz)));
    assert_eq!(pass(&student, &course, &quiz).await["passed"], true);
    let learnt = student.get("/dashboard/stats").await.ok();
    assert_eq!((&learnt["lessons_completed"], &learnt["learned_today"]), (&json!(2), &json!(true)));
    assert_eq!(student.get("/dashboard/activity").await.ok()["days"][0]["frozen"], false);
    student.get("/dashboard/recommendations").await.ok();
    let done = student.get(&format!("/enrollments/{enrollment}")).await.ok();
    assert_eq!((&done["status"], &done["progress_percent"]), (&json!("completed"), &json!(100)));
    let completed_at = text(&done, "completed_at");
    let mark = format!("/enrollments/{enrollment}/mark-lesson-complete");
    student.post(&mark, json!({"lesson_id": quiz})).await.ok();
    let again = student.get(&format!("/enrollments/{enrollment}")).await.ok();
    assert_eq!(again["completed_at"], completed_at, "once");
}

#[tokio::test]
async fn who_is_suspended_loses_the_course_until_he_is_resumed() {
    let stack = Stack::open();
    let (admin, teacher, student) = (stack.admin().await, stack.instructor().await, stack.student().await);
    let course = teacher.course("For some").await;
    let lesson = teacher.lesson(&course.id, &course.section, None).await;
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();
    let enrollment = student.enroll(&course.id).await;
    let path = format!("/courses/{}/lessons/{lesson}", course.id);
    student.get(&path).await.ok();
    let change = async |action: Value| {
        admin.call(Method::PATCH, &format!("/admin/enrollments/{enrollment}"), Some(action)).await.ok()
    };
    assert_eq!(
        change(json!({"action": "suspend", "reason": "Shared his password."})).await["status"],
        "suspended"
    );
    assert_eq!(student.get(&path).await.status.as_u16(), 403);
    assert_eq!(change(json!({"action": "resume"})).await["status"], "active");
    student.get(&path).await.ok();
    let ended = student
        .call(Method::PATCH, &format!("/admin/enrollments/{enrollment}"), Some(json!({"action": "expire"})))
        .await;
    assert_eq!(ended.code(), "ADMINS_ONLY");
}
