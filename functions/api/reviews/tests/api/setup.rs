//! A world with the reviews' application, and shortcuts to make what a test needs.

use domain::course::CourseStatus;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::entities::{Course, Enrollment, TeachingStats, enrollment::Enrolled};
use testkit::{App, Caller, Reply, World, fixtures};

pub(crate) async fn world() -> (World, App) {
    let world = World::new().await;
    let app = app(&world);
    (world, app)
}

pub(crate) fn app(world: &World) -> App {
    world.app(api_reviews::router(), api_reviews::State::new(world.platform.clone()))
}

/// A published, free course.
pub(crate) async fn course(world: &World, teacher: &Caller) -> Id<kinds::Course> {
    let course = Course {
        status: CourseStatus::Published,
        price_minor: Some(0),
        published_at: Some(world.ambient().now()),
        ..fixtures::course(world, teacher)
    };
    assert!(world.store().courses().create(&course).await.unwrap());
    course.id
}

/// A student who is enrolled in the course.
pub(crate) async fn student_of(world: &World, course: Id<kinds::Course>) -> Caller {
    let student = world.student().await;
    let teacher = stored(world, course).await.instructor_id;
    let enrollment =
        Enrollment { instructor_id: Some(teacher), ..fixtures::enrollment(world, &student, course) };
    let made = world.store().enrollments().enroll_free(&enrollment).await.unwrap();
    assert!(matches!(made, Enrolled::Made(_)), "{made:?}");
    student
}

/// The path of a course's reviews.
pub(crate) fn reviews_of(course: Id<kinds::Course>) -> String {
    format!("/api/v1/courses/{course}/reviews")
}

pub(crate) fn stars(rating: u8) -> Value {
    json!({"rating": rating, "title": "Good", "comment": "I have learnt a lot."})
}

pub(crate) async fn post(app: &App, student: &Caller, course: Id<kinds::Course>, rating: u8) -> Reply {
    app.post(&reviews_of(course), student, stars(rating)).await
}

/// A review of a new student of the course, its path, and its author.
pub(crate) async fn review(
    world: &World,
    app: &App,
    course: Id<kinds::Course>,
    rating: u8,
) -> (String, Caller) {
    let student = student_of(world, course).await;
    let made = post(app, &student, course, rating).await.expect(201);
    (format!("{}/{}", reviews_of(course), made.text("id")), student)
}

/// The course as it is stored.
pub(crate) async fn stored(world: &World, course: Id<kinds::Course>) -> Course {
    world.store().courses().get(course).await.unwrap().unwrap()
}

/// How many reviews of the course have 1 to 5 stars.
pub(crate) async fn counts(world: &World, course: Id<kinds::Course>) -> [u64; 5] {
    stored(world, course).await.ratings.counts()
}

/// How many reviews of a teacher's courses have 1 to 5 stars, by his own numbers.
pub(crate) async fn taught(world: &World, teacher: &Caller) -> [u64; 5] {
    let key = TeachingStats::key_of(teacher.id);
    let stats: Option<TeachingStats> = world.store().get(key, store::Consistency::Strong).await.unwrap();
    stats.unwrap().ratings().counts()
}

/// A field of every review of a page.
pub(crate) fn column(page: &Reply, name: &str) -> Vec<Value> {
    page.body["results"].as_array().unwrap().iter().map(|review| review[name].clone()).collect()
}
