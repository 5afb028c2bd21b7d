//! What students see of their enrolments.

use domain::{
    course::{LESSONS_MAX, LessonKind},
    enrollment::EnrollmentStatus,
    playback::Watched,
};
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Update,
    entities::{Enrollment, LearnerStats, VideoProgress},
};
use testkit::Reply;

use crate::stage::{course, enroll, world};

#[tokio::test]
async fn the_list_has_pages_and_filters() {
    let (world, app) = world().await;
    let (teacher, student, other) = (world.instructor().await, world.student().await, world.student().await);
    let mut made = Vec::new();
    for _ in 0..5 {
        world.advance(SignedDuration::from_millis(5));
        let course = course(&world, &teacher, 0).await;
        made.insert(0, enroll(&app, &student, course.id).await.expect(201).text("id"));
    }
    // One is completed.
    let done: Id<kinds::Enrollment> = made[1].parse().unwrap();
    let update = Update::of::<Enrollment>(Enrollment::key_of(student.id, done))
        .set("status", EnrollmentStatus::Completed)
        .set("gsi2pk", Enrollment::status_partition(student.id, EnrollmentStatus::Completed));
    world.store().update(update).await.unwrap();
    let counts = Update::of::<LearnerStats>(LearnerStats::key_of(student.id));
    world.store().update(counts.add("active_count", -1).add("completed_count", 1)).await.unwrap();

    let ids = |reply: &Reply| -> Vec<String> {
        let results = reply.body["results"].as_array().unwrap();
        results.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    let walk = async |first: &str| {
        let (mut seen, mut next) = (Vec::new(), Some(first.to_owned()));
        while let Some(path) = next {
            let page = app.get(&path, &student).await.expect(200);
            seen.extend(ids(&page));
            next = page.body["next"]
                .as_str()
                .map(|url| url.strip_prefix("https://learn.example").unwrap().to_owned());
        }
        seen
    };
    assert_eq!(walk("/api/v1/enrollments?page_size=2").await, made);
    let active: Vec<_> = made.iter().filter(|id| **id != made[1]).cloned().collect();
    assert_eq!(walk("/api/v1/enrollments?page_size=2&status=active").await, active);
    assert_eq!(walk("/api/v1/enrollments?status=completed").await, made[1..2]);
    for (query, count) in [("", 5), ("?status=active", 4), ("?status=completed", 1)] {
        let page = app.get(&format!("/api/v1/enrollments{query}"), &student).await.expect(200);
        assert_eq!(page.body["count"], count, "{query}");
    }
    let second = app.get("/api/v1/enrollments?page=2&page_size=2", &student).await.expect(200);
    assert_eq!((ids(&second), &second.body["total_pages"]), (made[2..4].to_vec(), &json!(3)));
    assert_eq!(app.get("/api/v1/enrollments", &other).await.expect(200).body["count"], 0);

    let first = app.get("/api/v1/enrollments?page_size=2", &student).await.expect(200);
    let next = first.text("next").strip_prefix("https://learn.example").unwrap().to_owned();
    app.get(&next, &other).await.expect_error(400, "INVALID_CURSOR");
    app.get("/api/v1/enrollments?status=gone", &student).await.expect_error(422, "VALIDATION_FAILED");
    app.get("/api/v1/enrollments?page_size=0", &student).await.expect_error(422, "VALIDATION_FAILED");
    app.get("/api/v1/enrollments", None).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn an_enrolment_is_its_students_alone() {
    let (world, app) = world().await;
    let (teacher, student, other) = (world.instructor().await, world.student().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let path =
        format!("/api/v1/enrollments/{}", enroll(&app, &student, course.id).await.expect(201).text("id"));
    for who in [&other, &teacher] {
        app.get(&path, who).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
    }
    app.get(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
    app.get("/api/v1/enrollments/x", &student).await.expect_error(404, "NOT_FOUND");

    world.store().courses().unpublish(course.id, teacher.id, world.ambient().now()).await.unwrap();
    app.get(&path, &student).await.expect(200);
}

#[tokio::test]
async fn what_was_watched_is_shown_per_lesson() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let made = enroll(&app, &student, course.id).await.expect(201).text("id");
    let path = format!("/api/v1/enrollments/{made}");

    // The first lesson has a video, of which 95 % were watched.
    let outline = world.store().courses().outline(course.id).await.unwrap().unwrap();
    let lesson = outline.lessons().next().unwrap();
    let (video_id, now): (Id<kinds::Video>, _) = (world.ambient().id(), world.ambient().now());
    let update = Update::of::<store::entities::Lesson>(store::Entity::key(lesson)).set("video_id", video_id);
    world.store().update(update.set("kind", LessonKind::Video)).await.unwrap();
    // Videos that left the course since: more than the course may have lessons, and older than the one that is in it.
    let enrollment = made.parse().unwrap();
    let gone = |n: u32| format!("00000000-0000-0000-0000-{n:012}").parse().unwrap();
    let progress = |video_id| VideoProgress {
        video_id,
        enrollment_id: enrollment,
        user_id: student.id,
        progress: 0.95,
        last_position: 570,
        completed: true,
        watched: Watched::default(),
        by_lesson: false,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    for n in 0..=LESSONS_MAX {
        world.store().put(&progress(gone(n))).await.unwrap();
    }
    world.store().put(&progress(video_id)).await.unwrap();

    let detail = app.get(&path, &student).await.expect(200).body;
    let lessons = detail["course"]["curriculum"][0]["lessons"].clone();
    let state = |lesson: &Value| (lesson["completed"].clone(), lesson["watch_time_seconds"].clone());
    assert_eq!(state(&lessons[0]), (json!(true), json!(570)));
    assert_eq!(state(&lessons[1]), (json!(false), json!(0)));
    assert_eq!(lessons[0]["last_position"], 570);
    assert_eq!((&detail["progress_percent"], &detail["lessons_completed"]), (&json!(50), &json!(1)));
}
