//! A world with the courses' application, and shortcuts to make what a test needs.

use api_courses::{Settings, State};
use axum::body::Body;
use domain::video::VideoStatus;
use http::Method;
use jobs::{Publisher, Sent};
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::entities::{Enrollment, Video, enrollment::Enrolled};
use testkit::{
    App, Caller, Reply, World,
    aws::{NOWHERE, cloud_at},
    fixtures,
};

pub(crate) async fn world() -> (World, App) {
    let world = World::new().await;
    let app = app_with(&world, NOWHERE);
    (world, app)
}

/// The application with S3 at this address; with the discard port a call of S3 would fail, and presigning makes none.
pub(crate) fn app_with(world: &World, endpoint: &str) -> App {
    app_with_sent(world, endpoint).0
}

/// The same, with what it sends to the queue of the archives.
pub(crate) fn app_with_sent(world: &World, endpoint: &str) -> (App, Sent) {
    let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
    let settings = Settings { uploads_bucket: UPLOADS.into(), exports_bucket: "exports".into() };
    let objects = cloud_at(endpoint).objects();
    let state = State::new(world.platform.clone(), objects, publisher, &settings);
    (world.app(api_courses::router(), state), sent)
}

/// The uploads bucket.
pub(crate) const UPLOADS: &str = "uploads";

/// How many courses are in the list from which the index is made.
pub(crate) async fn listed(world: &World) -> usize {
    world.store().courses().published(None, 0, 100).await.unwrap().items.len()
}

pub(crate) fn rust_course() -> Value {
    json!({"title": "Rust for Everyone", "description": "From zero to ownership.", "price": 0})
}

/// A course, its path.
pub(crate) async fn course(app: &App, teacher: &Caller) -> String {
    let made = app.post("/api/v1/courses", teacher, rust_course()).await.expect(201);
    format!("/api/v1/courses/{}", made.text("id"))
}

/// A section of the course at this path, its id.
pub(crate) async fn section(app: &App, teacher: &Caller, course: &str) -> String {
    app.post(&format!("{course}/sections"), teacher, json!({"title": "Basics"})).await.expect(201).text("id")
}

pub(crate) fn text_lesson() -> Value {
    json!({"kind": "text", "title": "Ownership", "content": "Each value has one owner.", "duration_seconds": 90})
}

/// A lesson, its id.
pub(crate) async fn lesson(app: &App, teacher: &Caller, course: &str, section: &str, body: Value) -> String {
    let path = format!("{course}/sections/{section}/lessons");
    app.post(&path, teacher, body).await.expect(201).text("id")
}

/// A published course with one text lesson, its path.
pub(crate) async fn published(app: &App, teacher: &Caller) -> String {
    let course = course(app, teacher).await;
    let section = section(app, teacher, &course).await;
    lesson(app, teacher, &course, &section, text_lesson()).await;
    app.post(&format!("{course}/publish"), teacher, json!({})).await.expect(200);
    course
}

/// A video of this owner in this state, of ten minutes.
pub(crate) async fn video(world: &World, owner: &Caller, status: VideoStatus) -> Id<kinds::Video> {
    let video =
        Video { active_version: Some(1), duration_ms: 600_000, ..fixtures::video(world, owner, status) };
    world.store().put(&video).await.unwrap();
    video.id
}

/// Enrols somebody in the published, free course at this path, as api-enrollments does.
pub(crate) async fn enroll(world: &World, student: &Caller, course: &str) -> Enrollment {
    let course = world.store().courses().get(id_in(course)).await.unwrap().unwrap();
    let enrollment = Enrollment {
        instructor_id: Some(course.instructor_id),
        ..fixtures::enrollment(world, student, course.id)
    };
    let made = world.store().enrollments().enroll_free(&enrollment).await.unwrap();
    assert!(matches!(made, Enrolled::Made(_)), "{made:?}");
    enrollment
}

/// The id at the end of a path.
pub(crate) fn id_in<K>(path: &str) -> Id<K> {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

/// The video as it is stored.
pub(crate) async fn stored(world: &World, id: Id<kinds::Video>) -> Video {
    world.store().get(Video::key_of(id), store::Consistency::Strong).await.unwrap().unwrap()
}

/// A text field of every entry of a list.
pub(crate) fn column(list: &Value, name: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter().map(|entry| entry[name].as_str().unwrap().to_owned()).collect()
}

/// A request with one header more.
pub(crate) async fn with_header(
    app: &App,
    (method, path): (Method, &str),
    caller: &Caller,
    (name, value): (&str, &str),
    body: Value,
) -> Reply {
    let request = http::Request::builder().method(method).uri(path).header(name, value);
    let request = request.header("authorization", format!("Bearer {}", caller.token));
    let request = request.header("content-type", "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// A quiz of four questions, one of each kind, of ten points; 70 % pass, and there are two attempts.
pub(crate) fn quiz() -> Value {
    json!({
        "attempts_max": 2,
        "questions": [
            {"text": "Who frees a value?", "options": ["A collector", "Its owner"], "points": 4,
             "answer": {"kind": "single", "correct": 2}, "explanation": "SECRET-1"},
            {"text": "Which move?", "options": ["String", "i32", "Vec"], "points": 3,
             "answer": {"kind": "multiple", "correct": [1, 3]}, "explanation": "SECRET-2"},
            {"text": "Bits of a char?", "points": 2, "answer": {"kind": "numeric", "value": 32, "tolerance": 0.5}},
            {"text": "What is lent?", "answer": {"kind": "short_text", "accepted": ["SECRET-3", "참조"]}}
        ]
    })
}

/// A lesson of kind quiz.
pub(crate) fn quiz_lesson() -> Value {
    json!({"kind": "quiz", "title": "What have you learned?", "quiz": quiz(), "duration_seconds": 300})
}

/// Answers of all right but these questions, to the quiz of [`quiz`].
pub(crate) fn answers(wrong: &[u32]) -> Value {
    let right = [
        json!({"question": 1, "choices": [2]}),
        json!({"question": 2, "choices": [3, 1]}),
        json!({"question": 3, "number": 31.5}),
        json!({"question": 4, "text": "  secret-3 "}),
    ];
    let kept = right.into_iter().filter(|answer| {
        let question = answer["question"].as_u64().unwrap();
        !wrong.iter().any(|wrong| u64::from(*wrong) == question)
    });
    json!({"quiz_version": 1, "answers": kept.collect::<Vec<_>>()})
}
