//! A world with the courses' application, and shortcuts to make what a test needs.

use domain::video::VideoStatus;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::entities::{Video, enrollment::Enrolled};
use testkit::{App, Caller, World, fixtures};

pub(crate) async fn world() -> (World, App) {
    let world = World::new().await;
    let app = world.app(api_courses::router(), api_courses::State::new(world.platform.clone()));
    (world, app)
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

/// Enrols somebody in the published, free course at this path.
pub(crate) async fn enroll(world: &World, student: &Caller, course: &str) {
    let course = course.rsplit('/').next().unwrap().parse().unwrap();
    let enrollment = fixtures::enrollment(world, student, course);
    let made = world.store().enrollments().enroll_free(&enrollment).await.unwrap();
    assert!(matches!(made, Enrolled::Made(_)), "{made:?}");
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
