//! What an instructor's profile says of his teaching.

use futures::future::join_all;
use serde_json::{Value, json};
use store::{
    Consistency,
    entities::{TeachingStats, course::EditError},
};
use testkit::{App, Caller, World};

use crate::setup::{enroll, id_in, published, world};

/// Courses and students by the stored numbers.
async fn numbers(world: &World, teacher: &Caller) -> (u64, u64) {
    let key = TeachingStats::key_of(teacher.id);
    let stats: Option<TeachingStats> = world.store().get(key, Consistency::Strong).await.unwrap();
    stats.map_or((0, 0), |stats| (stats.courses(), stats.students()))
}

async fn post(app: &App, path: &str, below: &str, teacher: &Caller) {
    app.post(&format!("{path}/{below}"), teacher, json!({})).await.expect(200);
}

#[tokio::test]
async fn they_follow_courses_and_students() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let (one, two) = (published(&app, &teacher).await, published(&app, &teacher).await);
    published(&app, &other).await;
    assert_eq!(numbers(&world, &teacher).await, (2, 0));
    post(&app, &one, "publish", &teacher).await;
    assert_eq!(numbers(&world, &teacher).await, (2, 0), "published already");
    for _ in 0..3 {
        enroll(&world, &world.student().await, &one).await;
    }
    enroll(&world, &world.student().await, &two).await;
    assert_eq!(numbers(&world, &teacher).await, (2, 4));
    // Who learned there stays a student of his.
    post(&app, &two, "unpublish", &teacher).await;
    post(&app, &two, "unpublish", &teacher).await;
    assert_eq!(numbers(&world, &teacher).await, (1, 4));
    let profile = app.get(&one, None).await.expect(200).body["instructor"]["profile"].clone();
    assert_eq!((&profile["courses_count"], &profile["students_count"]), (&json!(1), &json!(4)));
    assert_eq!(profile["rating"], Value::Null);
    app.delete(&one, &teacher).await.expect(204);
    app.delete(&two, &teacher).await.expect(204);
    assert_eq!(numbers(&world, &teacher).await, (0, 4));
    let three = published(&app, &teacher).await;
    app.delete(&three, &teacher).await.expect(204);
    assert_eq!(numbers(&world, &teacher).await, (0, 4), "a course without students");
    assert_eq!(numbers(&world, &other).await, (1, 0));
}

#[tokio::test]
async fn they_are_exact_whatever_happens_at_once() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let mut paths = Vec::new();
    for _ in 0..4 {
        paths.push(published(&app, &teacher).await);
    }
    let students = join_all((0..40).map(|_| world.student())).await;
    let apps = vec![app.clone(); 40];
    let comings = students.iter().enumerate().map(async |(place, student)| {
        enroll(&world, student, &paths[place % 2]).await;
    });
    let changes = apps.iter().enumerate().map(async |(place, app)| {
        let below = if place.is_multiple_of(3) { "publish" } else { "unpublish" };
        app.post(&format!("{}/{below}", paths[2 + place % 2]), &teacher, json!({})).await.expect(200);
    });
    futures::join!(join_all(comings), join_all(changes));
    let mut listed = 0;
    for path in &paths {
        let course = world.store().courses().get(id_in(path)).await.unwrap().unwrap();
        listed += u64::from(course.status == domain::course::CourseStatus::Published);
    }
    assert_eq!(numbers(&world, &teacher).await, (listed, 40));
}

#[tokio::test]
async fn a_student_who_is_erased_leaves_them() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let path = published(&app, &teacher).await;
    let enrollment = enroll(&world, &world.student().await, &path).await;
    let now = world.ambient().now();
    for _ in 0..2 {
        world.store().belongings().remove_enrollment(&enrollment, now).await.unwrap();
        assert_eq!(numbers(&world, &teacher).await, (1, 0), "once, however often the job runs");
    }
    let gone = world.store().courses().delete(enrollment.course_id, world.student().await.id, now).await;
    assert!(matches!(gone, Err(EditError::NoCourse)), "{gone:?}");
    assert_eq!(numbers(&world, &teacher).await, (1, 0));
}
