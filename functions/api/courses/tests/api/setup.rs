//! A world with the courses' application, and shortcuts to make what a test needs.

use domain::{
    enrollment::EnrollmentStatus,
    video::{VideoStatus, Visibility},
};
use kernel::{Id, Secret, id::kinds};
use serde_json::{Value, json};
use store::entities::{Enrollment, Video, enrollment::Enrolled};
use testkit::{App, Caller, World};

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
    let (ambient, now) = (world.ambient(), world.ambient().now());
    let video = Video {
        id: ambient.id(),
        channel_id: ambient.id(),
        owner_id: owner.id,
        course_id: None,
        section_id: None,
        lesson_id: None,
        title: "Ownership".into(),
        description: String::new(),
        status,
        error_reason: String::new(),
        visibility: Visibility::Private,
        publish_when_ready: false,
        order: 0,
        active_version: Some(1),
        latest_version: 1,
        duration_seconds: 600,
        duration_ms: 600_000,
        thumbnail_path: String::new(),
        allow_skip: true,
        max_speed: 2.0,
        show_watermark: false,
        file_size: 1,
        file_key: String::new(),
        published_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    world.store().put(&video).await.unwrap();
    video.id
}

/// Enrols somebody in the published, free course at this path.
pub(crate) async fn enroll(world: &World, student: &Caller, course: &str) {
    let (ambient, now) = (world.ambient(), world.ambient().now());
    let enrollment = Enrollment {
        id: ambient.id(),
        user_id: student.id,
        course_id: course.rsplit('/').next().unwrap().parse().unwrap(),
        status: EnrollmentStatus::Active,
        student_name: Secret::new("Ada Lovelace".into()),
        lessons_completed: 0,
        expiry_date: None,
        completed_at: None,
        enrolled_at: now,
        updated_at: now,
    };
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
