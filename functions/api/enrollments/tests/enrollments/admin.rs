//! Admins stop, end and extend enrolments.

use domain::enrollment::EnrollmentStatus;
use futures::future::join_all;
use jiff::SignedDuration;
use kernel::Timestamp;
use serde_json::{Value, json};
use store::entities::{AdminAction, Enrollment, LearnerStats, Lesson};
use testkit::{App, Caller, Reply, World};

use crate::stage::{course, enrolled, lessons, mark, stored, take, world};

async fn act(app: &App, admin: &Caller, enrollment: &Enrollment, body: Value) -> Reply {
    app.patch(&format!("/api/v1/admin/enrollments/{}", enrollment.id), admin, body).await
}

/// All enrolments, and those of each state: active, expired, suspended, completed.
async fn counts(world: &World, student: &Caller) -> [u64; 5] {
    use EnrollmentStatus::{Active, Completed, Expired, Suspended};
    let key = LearnerStats::key_of(student.id);
    let stats: LearnerStats = world.store().get(key, store::Consistency::Strong).await.unwrap().unwrap();
    [None, Some(Active), Some(Expired), Some(Suspended), Some(Completed)].map(|status| stats.count_of(status))
}

async fn log(world: &World) -> Vec<AdminAction> {
    let month = AdminAction::month_of(world.ambient().now());
    world.store().admin_actions().of_month(&month, None, 100).await.unwrap().items
}

#[tokio::test]
async fn an_admin_suspends_resumes_ends_and_extends() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let lesson = lessons(&world, course.id).await.remove(0);
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    let body = json!({"action": "suspend", "reason": "Shares his account."});
    let suspended = act(&app, &admin, &enrollment, body.clone()).await.expect(200);
    assert!(suspended.calls <= 4, "session, index, enrolment, transaction: {}", suspended.calls);
    assert_eq!(suspended.body["status"], "suspended");
    assert_eq!(suspended.body["user_id"], json!(student.id));
    assert_eq!(counts(&world, &student).await, [1, 0, 0, 1, 0]);
    mark(&app, &student, &path, &lesson).await.expect_error(403, "ENROLLMENT_NOT_ACTIVE");
    let list = app.get("/api/v1/enrollments?status=suspended", &student).await.expect(200).body;
    assert_eq!((&list["count"], &list["results"][0]["status"]), (&json!(1), &json!("suspended")));
    act(&app, &admin, &enrollment, body).await.expect(200);
    let lines = log(&world).await;
    assert_eq!(lines.len(), 1, "what changes nothing is not logged: {lines:?}");
    assert_eq!((lines[0].admin_id, lines[0].user_id), (admin.id, Some(student.id)));
    assert_eq!(lines[0].reason, "Shares his account.");
    assert_eq!((&*lines[0].details["status_from"], &*lines[0].details["status_to"]), ("active", "suspended"));

    act(&app, &admin, &enrollment, json!({"action": "resume"})).await.expect(200);
    assert_eq!(counts(&world, &student).await, [1, 1, 0, 0, 0]);
    act(&app, &admin, &enrollment, json!({"action": "expire"})).await.expect(200);
    assert_eq!(counts(&world, &student).await, [1, 0, 1, 0, 0]);
    let list = app.get("/api/v1/enrollments?status=expired", &student).await.expect(200).body;
    assert_eq!((&list["count"], &list["results"][0]["status"]), (&json!(1), &json!("expired")));
    for action in ["suspend", "resume"] {
        let body = json!({ "action": action });
        act(&app, &admin, &enrollment, body).await.expect_error(409, "ENROLLMENT_ENDED");
    }
    // A student does not undo what an admin did.
    let again = app.post(&format!("/api/v1/courses/{}/enroll", course.id), &student, Value::Null).await;
    again.expect_error(409, "ALREADY_ENROLLED");

    let end = world.ambient().now() + SignedDuration::from_hours(24);
    let body = json!({"action": "extend", "expiry_date": end});
    let extended = act(&app, &admin, &enrollment, body).await.expect(200).body;
    assert_eq!((&extended["status"], &extended["expiry_date"]), (&json!("active"), &json!(end)));
    assert_eq!(counts(&world, &student).await, [1, 1, 0, 0, 0]);
    take(&world, &app, &student, &path, &lesson).await.expect(200);
}

#[tokio::test]
async fn what_was_completed_stays_so_through_all_of_it() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let lessons: Vec<Lesson> = lessons(&world, course.id).await;
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    for lesson in &lessons {
        take(&world, &app, &student, &path, lesson).await.expect(200);
    }
    let completed_at = stored(&world, &student, enrollment.id).await.completed_at;
    let end: Timestamp = world.ambient().now() + SignedDuration::from_hours(24);
    for (body, status, expected) in [
        (json!({"action": "suspend"}), "suspended", [1, 0, 0, 1, 0]),
        (json!({"action": "resume"}), "completed", [1, 0, 0, 0, 1]),
        (json!({"action": "expire"}), "expired", [1, 0, 1, 0, 0]),
        (json!({"action": "extend", "expiry_date": end}), "completed", [1, 0, 0, 0, 1]),
    ] {
        assert_eq!(act(&app, &admin, &enrollment, body).await.expect(200).body["status"], status);
        assert_eq!(counts(&world, &student).await, expected);
    }
    assert_eq!(stored(&world, &student, enrollment.id).await.completed_at, completed_at);
}

#[tokio::test]
async fn an_enrolment_ends_when_its_time_is_over() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let (student, enrollment, _) = enrolled(&world, &app, &course).await;
    let now = world.ambient().now();
    let (first, second) = (now + SignedDuration::from_hours(1), now + SignedDuration::from_hours(2));
    for end in [first, second] {
        let body = json!({"action": "extend", "expiry_date": end});
        act(&app, &admin, &enrollment, body).await.expect(200);
    }
    let sweeps = world.store().sweeps();
    let due =
        async || sweeps.due(domain::sweep::SweepKind::Enrollment, world.ambient().now(), 10).await.unwrap();
    assert!(due().await.is_empty());
    world.advance(SignedDuration::from_mins(61));
    assert_eq!(due().await.len(), 1, "of its first end");
    let enrollments = world.store().enrollments();
    enrollments.end_overdue(student.id, enrollment.id, world.ambient().now()).await.unwrap();
    assert_eq!(counts(&world, &student).await, [1, 1, 0, 0, 0], "it was extended");
    world.advance(SignedDuration::from_mins(60));
    assert_eq!(due().await.len(), 2);
    for _ in 0..2 {
        enrollments.end_overdue(student.id, enrollment.id, world.ambient().now()).await.unwrap();
        assert_eq!(counts(&world, &student).await, [1, 0, 1, 0, 0]);
    }
    assert_eq!(stored(&world, &student, enrollment.id).await.status, EnrollmentStatus::Expired);
}

#[tokio::test]
async fn admins_who_act_at_once_leave_exact_counts() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    for _ in 0..10 {
        let (student, enrollment, _) = enrolled(&world, &app, &course).await;
        let bodies = ["suspend", "expire", "suspend", "resume"].map(|action| json!({ "action": action }));
        for reply in join_all(bodies.into_iter().map(|body| act(&app, &admin, &enrollment, body))).await {
            // Who was slower asks again; who comes after the end learns of it.
            assert!([200, 409].contains(&reply.status.as_u16()), "{:#}", reply.body);
        }
        let status = stored(&world, &student, enrollment.id).await.status;
        let [all, active, expired, suspended, completed] = counts(&world, &student).await;
        assert_eq!((all, active + expired + suspended + completed), (1, 1));
        let of_status = match status {
            EnrollmentStatus::Active => active,
            EnrollmentStatus::Expired => expired,
            EnrollmentStatus::Suspended => suspended,
            EnrollmentStatus::Completed => completed,
        };
        assert_eq!(of_status, 1, "{status}");
    }
}

#[tokio::test]
async fn only_admins_do_so_and_only_what_can_be_done() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let (student, enrollment, _) = enrolled(&world, &app, &course).await;
    for who in [&student, &teacher] {
        let reply = act(&app, who, &enrollment, json!({"action": "suspend"})).await;
        assert_eq!(reply.status, 403, "{:#}", reply.body);
    }
    let past = world.ambient().now() - SignedDuration::from_secs(1);
    for body in [
        json!({"action": "extend"}),
        json!({"action": "extend", "expiry_date": past}),
        json!({"action": "suspend", "expiry_date": past}),
        json!({"action": "complete"}),
        json!({"action": "suspend", "reason": "x".repeat(501)}),
    ] {
        act(&app, &admin, &enrollment, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    let unknown = Enrollment { id: world.ambient().id(), ..enrollment };
    act(&app, &admin, &unknown, json!({"action": "suspend"})).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
    assert!(log(&world).await.is_empty());
}
