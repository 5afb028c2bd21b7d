//! Quizzes, from their making to the last attempt.

use domain::course::quiz::ATTEMPTS_MAX;
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use testkit::{App, Caller, World};

use crate::setup::{
    answers, course, enroll, lesson, published, quiz, quiz_lesson, section, text_lesson, with_header, world,
};

/// A published course with a quiz; the paths of the course and of the quiz's lesson.
async fn with_quiz(app: &App, teacher: &Caller, body: Value) -> (String, String) {
    let course = published(app, teacher).await;
    let basics = app.get(&course, None).await.body["curriculum"][0]["id"].as_str().unwrap().to_owned();
    let id = lesson(app, teacher, &course, &basics, body).await;
    let path = format!("{course}/lessons/{id}");
    (course, path)
}

async fn student_of(world: &World, course: &str) -> Caller {
    let student = world.student().await;
    enroll(world, &student, course).await;
    student
}

#[tokio::test]
async fn a_student_never_sees_what_is_right_before_he_is_done() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (course, path) = with_quiz(&app, &teacher, quiz_lesson()).await;
    let student = student_of(&world, &course).await;
    let attempts = format!("{path}/quiz-attempts");

    let own = app.get(&path, &teacher).await.expect(200);
    assert_eq!(own.body["quiz"]["solutions"][1]["answer"], json!({"kind": "multiple", "correct": [1, 3]}));
    let seen = app.get(&path, &student).await.expect(200);
    assert!(seen.calls <= 5, "session, lesson, guard, enrolment, sheet: {}", seen.calls);
    let shown = &seen.body["quiz"];
    assert_eq!(
        (&shown["version"], &shown["attempts_max"], &shown["pass_percent"]),
        (&json!(1), &json!(2), &json!(70))
    );
    assert_eq!(shown["questions"][1]["options"], json!(["String", "i32", "Vec"]));
    assert_eq!(shown["questions"][3]["kind"], "short_text");

    let first = app.post(&attempts, &student, answers(&[1])).await.expect(201);
    assert!(first.calls <= 6, "lesson, guard, enrolment, quiz, transaction, attempts: {}", first.calls);
    let attempt = &first.body["attempt"];
    assert_eq!(
        (&attempt["score"], &attempt["points"], &attempt["percent"]),
        (&json!(6), &json!(10), &json!(60))
    );
    assert_eq!((&attempt["passed"], &first.body["attempts_left"]), (&json!(false), &json!(1)));
    assert_eq!(attempt["results"][0], json!({"question": 1, "correct": false, "points": 0}));
    assert_eq!(attempt["results"][1], json!({"question": 2, "correct": true, "points": 3}));
    let listed = app.get(&attempts, &student).await.expect(200);
    assert_eq!(listed.body["results"].as_array().unwrap().len(), 1);
    for body in [&seen.body, &first.body, &listed.body, &app.get(&course, &student).await.body] {
        assert!(!body.to_string().contains("SECRET"), "{body:#}");
        assert!(!body.to_string().contains("\"correct\":["), "{body:#}");
    }

    let last = app.post(&attempts, &student, answers(&[2, 4])).await.expect(201);
    assert_eq!((&last.body["attempt"]["passed"], &last.body["attempts_left"]), (&json!(false), &json!(0)));
    assert_eq!(last.body["solutions"][0]["explanation"], "SECRET-1");
    app.post(&attempts, &student, answers(&[])).await.expect_error(409, "NO_ATTEMPTS_LEFT");
    let listed = app.get(&attempts, &student).await.expect(200).body;
    assert_eq!(listed["results"].as_array().unwrap().len(), 2);
    assert_eq!((&listed["results"][1]["score"], &listed["passed"]), (&json!(6), &json!(false)));
    assert_eq!(listed["solutions"][3]["answer"]["accepted"], json!(["SECRET-3", "참조"]));
}

#[tokio::test]
async fn who_has_passed_is_done() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (course, path) = with_quiz(&app, &teacher, quiz_lesson()).await;
    let student = student_of(&world, &course).await;
    let attempts = format!("{path}/quiz-attempts");
    let passed = app.post(&attempts, &student, answers(&[2])).await.expect(201).body;
    assert_eq!((&passed["attempt"]["percent"], &passed["passed"]), (&json!(70), &json!(true)));
    assert_eq!(passed["solutions"][1]["explanation"], "SECRET-2");
    app.post(&attempts, &student, answers(&[])).await.expect_error(409, "QUIZ_PASSED");
    // The attempts are each student's own.
    let other = student_of(&world, &course).await;
    let fresh = app.get(&attempts, &other).await.expect(200).body;
    assert_eq!(
        (&fresh["results"], &fresh["attempts_left"], &fresh["solutions"]),
        (&json!([]), &json!(2), &Value::Null)
    );
}

#[tokio::test]
async fn of_fifty_attempts_at_once_no_more_than_allowed_count() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let mut body = quiz_lesson();
    body["quiz"]["attempts_max"] = json!(3);
    let (course, path) = with_quiz(&app, &teacher, body).await;
    let student = student_of(&world, &course).await;
    let attempts = format!("{path}/quiz-attempts");
    let apps = vec![app.clone(); 50];
    let wrong = answers(&[1]);
    let tries = join_all(apps.iter().map(|app| app.post(&attempts, &student, wrong.clone()))).await;
    let (made, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(made.len(), 3);
    for reply in refused {
        assert!(matches!(reply.code(), "NO_ATTEMPTS_LEFT" | "BUSY"), "{:#}", reply.body);
    }
    let listed = app.get(&attempts, &student).await.expect(200).body;
    assert_eq!((listed["results"].as_array().unwrap().len(), &listed["attempts_left"]), (3, &json!(0)));
}

#[tokio::test]
async fn a_repeated_request_is_one_attempt() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (course, path) = with_quiz(&app, &teacher, quiz_lesson()).await;
    let student = student_of(&world, &course).await;
    let attempts = format!("{path}/quiz-attempts");
    let send = async |body: Value| {
        let key = ("idempotency-key", "one");
        with_header(&app, (Method::POST, &attempts), &student, key, body).await
    };
    let first = send(answers(&[1])).await.expect(201).body;
    assert_eq!(send(answers(&[1])).await.expect(201).body, first);
    send(answers(&[])).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(app.get(&attempts, &student).await.expect(200).body["attempts_left"], 1);
}

#[tokio::test]
async fn answers_are_for_the_questions_as_they_are() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (course, path) = with_quiz(&app, &teacher, quiz_lesson()).await;
    let student = student_of(&world, &course).await;
    let attempts = format!("{path}/quiz-attempts");
    let mut changed = quiz();
    changed["questions"].as_array_mut().unwrap().truncate(1);
    let answer = app.patch(&path, &teacher, json!({"quiz": changed})).await.expect(200);
    assert_eq!(
        (&answer.body["quiz"]["version"], answer.calls),
        (&json!(2), 5),
        "course, lesson, version, transaction, quiz"
    );
    app.post(&attempts, &student, answers(&[])).await.expect_error(409, "QUIZ_CHANGED");
    let of_two = |answers: Value| json!({"quiz_version": 2, "answers": answers});
    for (wrong, index) in [
        (json!([{"question": 2, "choices": [1]}]), 0),
        (json!([{"question": 1, "choices": [1]}, {"question": 1, "choices": [2]}]), 1),
        (json!([{"question": 1, "choices": [1, 2]}]), 0),
        (json!([{"question": 1, "text": "x"}]), 0),
        (json!([{"question": 1}]), 0),
    ] {
        let refused =
            app.post(&attempts, &student, of_two(wrong)).await.expect_error(422, "VALIDATION_FAILED");
        let field = format!("answers[{index}]");
        assert!(refused.body["error"]["details"].get(&field).is_some(), "{:#}", refused.body);
    }
    let full = of_two(json!([{"question": 1, "choices": [2]}]));
    assert_eq!(app.post(&attempts, &student, full).await.expect(201).body["attempt"]["percent"], 100);
}

#[tokio::test]
async fn quizzes_are_for_students_and_lessons_of_their_kind() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let (course, path) = with_quiz(&app, &teacher, quiz_lesson()).await;
    let attempts = format!("{path}/quiz-attempts");
    app.get(&attempts, None).await.expect_error(401, "NOT_AUTHENTICATED");
    app.post(&attempts, &other, answers(&[])).await.expect_error(403, "ENROLLMENT_REQUIRED");
    let text = app.get(&course, None).await.body["curriculum"][0]["lessons"][0]["id"].clone();
    let of_text = format!("{course}/lessons/{}/quiz-attempts", text.as_str().unwrap());
    app.post(&of_text, &teacher, answers(&[])).await.expect_error(409, "NOT_A_QUIZ");
    app.delete(&path, &teacher).await.expect(204);
    app.get(&attempts, &teacher).await.expect_error(404, "LESSON_NOT_FOUND");
}

#[tokio::test]
async fn only_quizzes_that_can_be_taken_are_stored() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let lessons = format!("{course}/sections/{basics}/lessons");
    let with = |change: fn(&mut Value)| {
        let mut body = quiz_lesson();
        change(&mut body);
        body
    };
    for (body, field) in [
        (with(|body| body["quiz"] = Value::Null), "quiz"),
        (with(|body| body["quiz"]["questions"] = json!([])), "quiz.questions"),
        (with(|body| body["quiz"]["attempts_max"] = json!(ATTEMPTS_MAX + 1)), "quiz.attempts_max"),
        (with(|body| body["quiz"]["pass_percent"] = json!(101)), "quiz.pass_percent"),
        (
            with(|body| body["quiz"]["questions"][0]["answer"]["correct"] = json!(3)),
            "quiz.questions[0].answer.correct",
        ),
        (with(|body| body["content"] = json!("x")), "content"),
        (with(|body| body["kind"] = json!("text")), "quiz"),
    ] {
        let refused = app.post(&lessons, &teacher, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{field}: {:#}", refused.body);
    }
    let many =
        with(|body| body["quiz"]["questions"] = json!(vec![body["quiz"]["questions"][0].clone(); 100]));
    let made = app.post(&lessons, &teacher, many).await.expect(201);
    assert_eq!((&made.body["quiz"]["version"], made.calls), (&json!(1), 3), "course, section, transaction");
    let text = lesson(&app, &teacher, &course, &basics, text_lesson()).await;
    let refused = app.patch(&format!("{course}/lessons/{text}"), &teacher, json!({"quiz": quiz()})).await;
    refused.expect_error(422, "VALIDATION_FAILED");
}
