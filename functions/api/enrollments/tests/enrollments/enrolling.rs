//! How students come to their enrolments.

use domain::{commerce::Sources, enrollment::EnrollmentStatus};
use futures::future::join_all;
use http::{Method, header};
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Update,
    entities::{Course, Enrollment, EnrollmentGuard},
};
use testkit::{App, Caller, Reply, World, fixtures, shop};

use crate::stage::{course, enroll, stats, students, world};

async fn enroll_with_key(app: &App, student: &Caller, course: Id<kinds::Course>, key: &str) -> Reply {
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1/courses/{course}/enroll"))
        .header(header::AUTHORIZATION, format!("Bearer {}", student.token))
        .header("idempotency-key", key);
    app.send(request.body(axum::body::Body::empty()).unwrap()).await
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
    assert!(detail.calls <= 5, "enrolment, course, lessons, progress, teacher: {}", detail.calls);
    assert_eq!(detail.body["course"]["instructor"]["first_name"], "Ada");
    let lessons = detail.body["course"]["curriculum"][0]["lessons"].as_array().unwrap();
    assert_eq!(lessons.len(), 2);
    assert_eq!((&lessons[0]["completed"], &lessons[0]["duration_minutes"]), (&json!(false), &json!(10)));
}

/// A published course with a price that is part of plans.
async fn premium(world: &World, teacher: &Caller) -> Course {
    let course = course(world, teacher, 8_999).await;
    let update = Update::of::<Course>(Course::key_of(course.id)).set("in_plans", true);
    world.store().update(update).await.unwrap();
    course
}

#[tokio::test]
async fn a_plan_opens_the_courses_that_are_part_of_plans_and_no_other() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let (part, other) = (premium(&world, &teacher).await, course(&world, &teacher, 8_999).await);
    let refused = enroll(&app, &student, part.id).await.expect_error(402, "PAYMENT_REQUIRED");
    assert_eq!(refused.body["error"]["details"]["in_plans"], true);
    let basic = shop::subscribe(&world, &student, false).await;
    enroll(&app, &student, part.id).await.expect_error(402, "PAYMENT_REQUIRED");
    shop::lapse(&world, &basic).await;

    let plan = shop::subscribe(&world, &student, true).await;
    enroll(&app, &student, other.id).await.expect_error(402, "PAYMENT_REQUIRED");
    let made = enroll(&app, &student, part.id).await.expect(201);
    assert_eq!(
        made.calls, 4,
        "course with student, subscription, plans, transaction; the session is remembered"
    );
    let enrollments = world.store().enrollments();
    let stored = enrollments.of_course(student.id, part.id).await.unwrap().unwrap();
    assert!(stored.sources().is_plan_alone());
    assert_eq!((students(&world, part.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));
    enroll(&app, &student, part.id).await.expect_error(409, "ALREADY_ENROLLED");

    // The place stays, and what it opens goes with the plan.
    let now = world.ambient().now();
    let guards = [EnrollmentGuard { user_id: student.id, course_id: part.id, enrollment_id: stored.id }];
    assert!(enrollments.gives_access(&stored, now).await.unwrap());
    assert_eq!(enrollments.open_courses(&guards, now).await.unwrap(), [part.id].into());
    shop::lapse(&world, &plan).await;
    assert!(!enrollments.gives_access(&stored, now).await.unwrap());
    assert!(enrollments.open_courses(&guards, now).await.unwrap().is_empty());
    assert_eq!(app.get("/api/v1/enrollments", &student).await.expect(200).body["count"], 1);
    let another = premium(&world, &teacher).await;
    enroll(&app, &student, another.id).await.expect_error(402, "PAYMENT_REQUIRED");
    shop::subscribe(&world, &student, true).await;
    assert!(enrollments.gives_access(&stored, now).await.unwrap(), "it comes back with the next plan");
}

#[tokio::test]
async fn a_plan_gives_back_what_had_been_bought_and_was_refunded() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = premium(&world, &teacher).await;
    let refunded = Enrollment {
        status: EnrollmentStatus::Expired,
        sources: Some(Sources::default()),
        ..fixtures::enrollment(&world, &student, course.id)
    };
    world.store().put(&refunded).await.unwrap();
    let guard = EnrollmentGuard { user_id: student.id, course_id: course.id, enrollment_id: refunded.id };
    world.store().put(&guard).await.unwrap();
    enroll(&app, &student, course.id).await.expect_error(402, "PAYMENT_REQUIRED");
    shop::subscribe(&world, &student, true).await;
    let back = enroll(&app, &student, course.id).await.expect(201);
    assert_eq!(back.text("id"), refunded.id.to_string(), "with all that he had done in it");
    let stored = world.store().enrollments().get(student.id, refunded.id).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.sources().is_plan_alone()), (EnrollmentStatus::Active, true));
    assert_eq!(students(&world, course.id).await, 0, "he was counted when he bought it");
}

#[tokio::test]
async fn an_attempt_after_a_crash_finds_that_an_enrolment_has_begun_again() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = premium(&world, &teacher).await;
    let order = shop::order(&world, &student, std::slice::from_ref(&course)).await;
    let order = shop::pay(&world, &order).await;
    shop::refund(&world, &order).await;
    shop::subscribe(&world, &student, true).await;
    let first = enroll_with_key(&app, &student, course.id, "k1").await.expect(201);
    lose_answer(&world, &student, "k1").await;
    world.advance(SignedDuration::from_mins(1));
    let again = enroll_with_key(&app, &student, course.id, "k1").await.expect(201);
    assert_eq!(again.body, first.body);
    assert_eq!((students(&world, course.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));
    enroll_with_key(&app, &student, course.id, "k2").await.expect_error(409, "ALREADY_ENROLLED");
}

#[tokio::test]
async fn who_cannot_enrol_learns_why() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let (free, paid) = (course(&world, &teacher, 0).await, course(&world, &teacher, 8_999).await);
    let refused = enroll(&app, &student, paid.id).await.expect_error(402, "PAYMENT_REQUIRED");
    assert_eq!(
        refused.body["error"]["details"],
        json!({"price": 89.99, "currency": "USD", "in_plans": false})
    );
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
    let enrollment =
        Enrollment { instructor_id: Some(teacher.id), ..fixtures::enrollment(&world, &student, course.id) };
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

/// As if the function had died between the transaction and the memory of its answer.
async fn lose_answer(world: &World, student: &Caller, key: &str) {
    let record = store::entities::IdempotencyRecord {
        user_id: student.id,
        operation: "enroll_in_course".into(),
        idempotency_key: key.into(),
        request_hash: String::new(),
        attempt_id: world.ambient().id(),
        lease_until: world.ambient().now(),
        status: None,
        response: None,
        created_at: world.ambient().now(),
    };
    let forget = Update::of::<store::entities::IdempotencyRecord>(store::Entity::key(&record));
    world.store().update(forget.remove("status").remove("response")).await.unwrap();
}

#[tokio::test]
async fn an_attempt_after_a_crash_finds_what_the_first_one_made() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 0).await;
    let first = enroll_with_key(&app, &student, course.id, "k1").await.expect(201);
    lose_answer(&world, &student, "k1").await;
    world.advance(SignedDuration::from_mins(1));
    let again = enroll_with_key(&app, &student, course.id, "k1").await.expect(201);
    assert_eq!(again.body, first.body, "the same enrolment, with its own date");
    assert_eq!((students(&world, course.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));
}

#[tokio::test]
async fn an_enrolment_that_has_ended_begins_again_and_one_that_is_suspended_does_not() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = course(&world, &teacher, 1_000).await;
    let order = shop::order(&world, &student, std::slice::from_ref(&course)).await;
    let order = shop::pay(&world, &order).await;
    let place = world.store().enrollments().of_course(student.id, course.id).await.unwrap().unwrap();
    let update =
        Update::of::<Enrollment>(Enrollment::key_of(student.id, place.id)).set("lessons_completed", 1);
    world.store().update(update).await.unwrap();
    shop::refund(&world, &order).await;
    enroll(&app, &student, course.id).await.expect_error(402, "PAYMENT_REQUIRED");
    let free = Update::of::<Course>(Course::key_of(course.id)).set("price_minor", 0);
    world.store().update(free).await.unwrap();

    let set = async |status: EnrollmentStatus| {
        let update = Update::of::<Enrollment>(Enrollment::key_of(student.id, place.id)).set("status", status);
        world.store().update(update).await.unwrap();
    };
    set(EnrollmentStatus::Suspended).await;
    enroll(&app, &student, course.id).await.expect_error(409, "ALREADY_ENROLLED");
    set(EnrollmentStatus::Expired).await;
    let again = enroll(&app, &student, course.id).await.expect(201);
    assert_eq!((&again.body["id"], &again.body["progress_percent"]), (&json!(place.id), &json!(50)));
    assert_eq!((students(&world, course.id).await, stats(&world, student.id).await), (1, (1, 1, 0)));
    enroll(&app, &student, course.id).await.expect_error(409, "ALREADY_ENROLLED");
}
