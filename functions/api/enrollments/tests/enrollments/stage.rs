//! Courses with lessons, and students who enrol in them.

use api_enrollments::{Settings, State};
use domain::{course::LessonKind, learning::Schedule};
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency,
    entities::{Course, Enrollment, LearnerStats, Lesson, Section, section::NewLesson},
};
use testkit::{
    App, Caller, Reply, World,
    aws::{NOWHERE, cloud_at},
    fixtures,
    world::JWT_PUBLIC_KEYS,
};

pub(crate) async fn world() -> (World, App) {
    let world = World::new().await;
    let app = app_of(&world);
    (world, app)
}

/// The group on this platform.
pub(crate) fn app_of(world: &World) -> App {
    app_with(world, NOWHERE)
}

/// The bucket of certificates.
pub(crate) const BUCKET: &str = "uploads-bucket";

/// The group on this platform, with the object store at this address.
pub(crate) fn app_with(world: &World, s3: &str) -> App {
    let settings = Settings { uploads_bucket: BUCKET.into(), certificate_keys: JWT_PUBLIC_KEYS.into() };
    let state = State::new(world.platform.clone(), cloud_at(s3).objects(), settings);
    world.app(api_enrollments::router(), state)
}

/// A published course at this price in minor units.
pub(crate) async fn course(world: &World, teacher: &Caller, price_minor: u64) -> Course {
    let (ambient, now) = (world.ambient(), world.ambient().now());
    let mut course = Course {
        thumbnail: "/posters/x.jpg".into(),
        price_minor: Some(price_minor),
        ..fixtures::course(world, teacher)
    };
    let id = course.id;
    let courses = world.store().courses();
    assert!(courses.create(&course).await.unwrap());
    let section = Section {
        id: ambient.id(),
        course_id: id,
        title: "Basics".into(),
        description: String::new(),
        lesson_order: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    courses.add_section(teacher.id, &section).await.unwrap();
    for title in ["Ownership", "Borrowing"] {
        add_lesson(world, id, |lesson| lesson.title = title.into()).await;
    }
    course = courses.publish(id, teacher.id, now).await.unwrap();
    course
}

pub(crate) async fn enroll(app: &App, student: &Caller, course: Id<kinds::Course>) -> Reply {
    app.post(&format!("/api/v1/courses/{course}/enroll/"), student, Value::Null).await
}

pub(crate) async fn students(world: &World, course: Id<kinds::Course>) -> u64 {
    world.store().courses().get(course).await.unwrap().unwrap().student_count
}

pub(crate) async fn stats(world: &World, user: Id<kinds::User>) -> (u64, u64, u64) {
    let stats: LearnerStats =
        world.store().get(LearnerStats::key_of(user), Consistency::Strong).await.unwrap().unwrap();
    (stats.enrollment_count, stats.active_count, stats.completed_count)
}

/// A text of one letter at the end of the course's first section, as changed.
pub(crate) async fn add_lesson(
    world: &World,
    course: Id<kinds::Course>,
    change: impl FnOnce(&mut NewLesson),
) -> Lesson {
    let courses = world.store().courses();
    let course = courses.get(course).await.unwrap().unwrap();
    let mut lesson = NewLesson {
        id: world.ambient().id(),
        section_id: course.section_order[0],
        kind: LessonKind::Text,
        quiz: None,
        resources: Vec::new(),
        title: "Lifetimes".into(),
        description: String::new(),
        content: Some("x".into()),
        video_id: None,
        duration_seconds: Some(600),
        is_preview: false,
        schedule: Schedule::default(),
    };
    change(&mut lesson);
    let now = world.ambient().now();
    courses.add_lesson(course.id, course.instructor_id, &lesson, now).await.unwrap()
}

/// The lessons of a course in their order.
pub(crate) async fn lessons(world: &World, course: Id<kinds::Course>) -> Vec<Lesson> {
    world.store().courses().outline(course).await.unwrap().unwrap().lessons().cloned().collect()
}

/// A student with an enrolment in a free course, and its path.
pub(crate) async fn enrolled(world: &World, app: &App, course: &Course) -> (Caller, Enrollment, String) {
    let student = world.student().await;
    let id = enroll(app, &student, course.id).await.expect(201).text("id");
    let enrollment = stored(world, &student, id.parse().unwrap()).await;
    (student, enrollment, format!("/api/v1/enrollments/{id}"))
}

/// An enrolment as it is stored.
pub(crate) async fn stored(world: &World, student: &Caller, id: Id<kinds::Enrollment>) -> Enrollment {
    world.store().enrollments().get(student.id, id).await.unwrap().unwrap()
}

/// Says that a lesson is done.
pub(crate) async fn mark(app: &App, student: &Caller, path: &str, lesson: &Lesson) -> Reply {
    let body = json!({ "lesson_id": lesson.id });
    app.post(&format!("{path}/mark-lesson-complete"), student, body).await
}

/// Reports so many seconds with a lesson.
pub(crate) async fn spend(app: &App, student: &Caller, path: &str, lesson: &Lesson, seconds: u64) -> Reply {
    let body = json!({ "watch_time_seconds": seconds });
    app.put(&format!("{path}/lessons/{}/progress", lesson.id), student, body).await
}

/// Opens a lesson, waits until it can be done, and says so.
pub(crate) async fn take(world: &World, app: &App, student: &Caller, path: &str, lesson: &Lesson) -> Reply {
    spend(app, student, path, lesson, 0).await.expect(200);
    world.advance(SignedDuration::from_secs(5));
    mark(app, student, path, lesson).await
}
