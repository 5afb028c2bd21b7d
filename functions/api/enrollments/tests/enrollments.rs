//! Enrolments as students meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use domain::{
    course::{LESSONS_MAX, LessonKind},
    enrollment::EnrollmentStatus,
    playback::Watched,
};
use futures::future::join_all;
use http::{Method, header};
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency, Update,
    entities::{Course, Enrollment, LearnerStats, Section, VideoProgress, section::NewLesson},
};
use testkit::{App, Caller, Reply, World, fixtures};

async fn world() -> (World, App) {
    let world = World::new().await;
    let app = world.app(api_enrollments::router(), api_enrollments::State::new(world.platform.clone()));
    (world, app)
}

/// A published course at this price in minor units.
async fn course(world: &World, teacher: &Caller, price_minor: u64) -> Course {
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
        let lesson = NewLesson {
            id: ambient.id(),
            section_id: section.id,
            kind: LessonKind::Text,
            quiz: None,
            resources: Vec::new(),
            title: title.into(),
            description: String::new(),
            content: Some("x".into()),
            video_id: None,
            duration_seconds: Some(600),
            is_preview: false,
        };
        courses.add_lesson(id, teacher.id, &lesson, now).await.unwrap();
    }
    course = courses.publish(id, teacher.id, now).await.unwrap();
    course
}

async fn enroll(app: &App, student: &Caller, course: Id<kinds::Course>) -> Reply {
    app.post(&format!("/api/v1/courses/{course}/enroll/"), student, Value::Null).await
}

async fn enroll_with_key(app: &App, student: &Caller, course: Id<kinds::Course>, key: &str) -> Reply {
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1/courses/{course}/enroll"))
        .header(header::AUTHORIZATION, format!("Bearer {}", student.token))
        .header("idempotency-key", key);
    app.send(request.body(axum::body::Body::empty()).unwrap()).await
}

async fn students(world: &World, course: Id<kinds::Course>) -> u64 {
    world.store().courses().get(course).await.unwrap().unwrap().student_count
}

async fn stats(world: &World, user: Id<kinds::User>) -> (u64, u64, u64) {
    let stats: LearnerStats =
        world.store().get(LearnerStats::key_of(user), Consistency::Strong).await.unwrap().unwrap();
    (stats.enrollment_count, stats.active_count, stats.completed_count)
}

#[tokio::test]
async fn a_student_enrols_and_finds_the_course() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let made = enroll(&app, &student, course.id).await.expect(201);
    assert_eq!(made.calls, 3, "session, course with student, transaction");
    assert_eq!((&made.body["progress_percent"], &made.body["is_completed"]), (&json!(0), &json!(false)));
    assert_eq!(made.text("course_id"), course.id.to_string());
    assert_eq!((students(&world, course.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));

    let listed = app.get("/api/v1/enrollments/", &student).await.expect(200);
    assert_eq!(listed.calls, 2, "the list, and one batch; the session is remembered");
    let entry = &listed.body["results"][0];
    assert_eq!(
        (&listed.body["count"], &entry["id"], &entry["total_lessons"]),
        (&json!(1), &made.body["id"], &json!(2))
    );
    assert_eq!(
        (&entry["course"]["title"], &entry["course"]["thumbnail"]),
        (&json!("Rust for Everyone"), &json!("/posters/x.jpg"))
    );

    let path = format!("/api/v1/enrollments/{}", made.text("id"));
    let detail = app.get(&path, &student).await.expect(200);
    assert!(detail.calls <= 4, "enrolment, course, progress, teacher: {}", detail.calls);
    assert_eq!(detail.body["course"]["instructor"]["first_name"], "Ada");
    let lessons = detail.body["course"]["curriculum"][0]["lessons"].as_array().unwrap();
    assert_eq!(lessons.len(), 2);
    assert_eq!((&lessons[0]["completed"], &lessons[0]["duration_minutes"]), (&json!(false), &json!(10)));
}

#[tokio::test]
async fn who_cannot_enrol_learns_why() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let (free, paid) = (course(&world, &teacher, 0).await, course(&world, &teacher, 8_999).await);
    let refused = enroll(&app, &student, paid.id).await.expect_error(402, "PAYMENT_REQUIRED");
    assert_eq!(refused.body["error"]["details"], json!({"price": 89.99, "currency": "USD"}));
    enroll(&app, &teacher, free.id).await.expect_error(409, "OWN_COURSE");
    let made = enroll(&app, &student, free.id).await.expect(201).text("id");
    let again = enroll(&app, &student, free.id).await.expect_error(409, "ALREADY_ENROLLED");
    assert_eq!(again.body["error"]["details"]["enrollment_id"], made);

    let other = world.student().await;
    world.store().courses().unpublish(free.id, teacher.id, world.ambient().now()).await.unwrap();
    enroll(&app, &other, free.id).await.expect_error(404, "COURSE_NOT_FOUND");
    app.post("/api/v1/courses/x/enroll", &other, Value::Null).await.expect_error(404, "NOT_FOUND");
    app.post(&format!("/api/v1/courses/{}/enroll", free.id), None, Value::Null)
        .await
        .expect_error(401, "NOT_AUTHENTICATED");
    assert_eq!((students(&world, free.id).await, students(&world, paid.id).await), (1, 0));
}

#[tokio::test]
async fn a_price_that_is_set_at_that_moment_is_not_evaded() {
    let (world, _) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let changes = store::entities::course::CourseChanges {
        price: Some(domain::course::Price::from_minor(1)),
        ..Default::default()
    };
    let now = world.ambient().now();
    world.store().courses().change(course.id, teacher.id, changes, now).await.unwrap();
    // What a handler does that has read the course before the change.
    let enrollment = Enrollment {
        id: world.ambient().id(),
        user_id: student.id,
        course_id: course.id,
        instructor_id: Some(teacher.id),
        status: EnrollmentStatus::Active,
        student_name: kernel::Secret::new("Ada".into()),
        lessons_completed: 0,
        expiry_date: None,
        completed_at: None,
        enrolled_at: now,
        updated_at: now,
    };
    let outcome = world.store().enrollments().enroll_free(&enrollment).await.unwrap();
    assert!(matches!(outcome, store::entities::enrollment::Enrolled::CourseChanged), "{outcome:?}");
    assert!(world.store().enrollments().of_course(student.id, course.id).await.unwrap().is_none());
}

#[tokio::test]
async fn of_fifty_tries_at_once_one_enrols() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let apps = vec![app.clone(); 50];
    let tries = join_all(apps.iter().map(|app| enroll(app, &student, course.id))).await;
    let (won, lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(won.len(), 1);
    for reply in lost {
        let reply = reply.expect_error(409, "ALREADY_ENROLLED");
        assert_eq!(reply.body["error"]["details"]["enrollment_id"], won[0].body["id"]);
    }
    assert_eq!((students(&world, course.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));
}

#[tokio::test]
async fn many_students_at_once_are_all_counted() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let class = join_all((0..30).map(|_| world.student())).await;
    let apps = vec![app.clone(); 30];
    for reply in join_all(apps.iter().zip(&class).map(|(app, student)| enroll(app, student, course.id))).await
    {
        reply.expect(201);
    }
    assert_eq!(students(&world, course.id).await, 30);
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let (one, two) = (course(&world, &teacher, 0).await, course(&world, &teacher, 0).await);
    let first = enroll_with_key(&app, &student, one.id, "k1").await.expect(201);
    assert!(first.calls <= 6, "session, key, course with student, transaction, answer: {}", first.calls);
    world.advance(SignedDuration::from_mins(5));
    let again = enroll_with_key(&app, &student, one.id, "k1").await.expect(201);
    assert_eq!(again.body, first.body);
    enroll_with_key(&app, &student, two.id, "k1").await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    enroll_with_key(&app, &student, one.id, "k2").await.expect_error(409, "ALREADY_ENROLLED");
    assert_eq!(students(&world, one.id).await, 1);
}

#[tokio::test]
async fn an_attempt_after_a_crash_finds_what_the_first_one_made() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let first = enroll_with_key(&app, &student, course.id, "k1").await.expect(201);
    // As if the function had died between the transaction and the memory of its answer.
    let record = store::entities::IdempotencyRecord {
        user_id: student.id,
        operation: "enroll_in_course".into(),
        idempotency_key: "k1".into(),
        request_hash: String::new(),
        attempt_id: world.ambient().id(),
        lease_until: world.ambient().now(),
        status: None,
        response: None,
        created_at: world.ambient().now(),
    };
    let forget = Update::of::<store::entities::IdempotencyRecord>(store::Entity::key(&record));
    world.store().update(forget.remove("status").remove("response")).await.unwrap();
    world.advance(SignedDuration::from_mins(1));
    let again = enroll_with_key(&app, &student, course.id, "k1").await.expect(201);
    assert_eq!(again.body, first.body, "the same enrolment, with its own date");
    assert_eq!((students(&world, course.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));
}

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
    // One is completed: what the part that marks lessons as completed will write.
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
