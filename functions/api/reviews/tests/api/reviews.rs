//! One student, one course, one review.

use domain::{enrollment::EnrollmentStatus, review::EDITS_MAX};
use http::header;
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency, Update,
    entities::{Enrollment, EnrollmentGuard, Review, belongings::Part},
};
use testkit::{App, Caller, Reply};

use crate::setup::{column, counts, course, post, review, reviews_of, stars, stored, student_of, world};

const ID: &str = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";

#[tokio::test]
async fn a_student_reviews_a_course_and_everybody_reads_it() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let student = student_of(&world, course).await;
    let before = stored(&world, course).await;
    let made = app.post(&format!("{}/", reviews_of(course)), &student, stars(4)).await.expect(201);
    assert_eq!(made.calls, 4, "session, course with guard and author, enrolment, transaction");
    assert_eq!((&made.body["rating"], &made.body["helpful_count"]), (&json!(4), &json!(0)));
    assert_eq!((&made.body["reply"], &made.body["edited_at"]), (&Value::Null, &Value::Null));
    assert_eq!(made.body["author"]["first_name"], "Ada");
    let after = stored(&world, course).await;
    assert_eq!(after.ratings.counts(), [0, 0, 0, 1, 0]);
    assert_eq!(
        (after.revision, after.updated_at, after.student_count),
        (before.revision, before.updated_at, before.student_count),
        "a review does not get in the teacher's way"
    );

    let page = app.get(&reviews_of(course), None).await.expect(200);
    assert_eq!(page.calls, 3, "course, reviews, authors with replies");
    assert_eq!(
        page.body["summary"],
        json!({"count": 1, "rating": 4.0, "distribution": {"5": 0, "4": 1, "3": 0, "2": 0, "1": 0}})
    );
    assert_eq!((&page.body["count"], &page.body["own_review_id"]), (&json!(1), &Value::Null));
    assert_eq!(page.body["results"][0], made.body);
    let own = app.get(&reviews_of(course), &student).await.expect(200);
    assert_eq!(own.calls, 3, "his session is remembered");
    assert_eq!(own.body["own_review_id"], made.body["id"]);
}

#[tokio::test]
async fn who_may_not_review_learns_why() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let id = course(&world, &teacher).await;
    let stranger = world.student().await;
    post(&app, &stranger, id, 5).await.expect_error(403, "ENROLLMENT_REQUIRED");
    post(&app, &teacher, id, 5).await.expect_error(409, "OWN_COURSE");
    app.post(&reviews_of(id), None, stars(5)).await.expect_error(401, "NOT_AUTHENTICATED");
    app.post(&format!("/api/v1/courses/{ID}/reviews"), &stranger, stars(5))
        .await
        .expect_error(404, "COURSE_NOT_FOUND");
    app.post("/api/v1/courses/x/reviews", &stranger, stars(5)).await.expect_error(404, "NOT_FOUND");

    for (status, answer) in [
        (EnrollmentStatus::Suspended, 403),
        (EnrollmentStatus::Expired, 403),
        (EnrollmentStatus::Completed, 201),
    ] {
        let student = student_of(&world, id).await;
        set(&world, id, &student, "status", json!(status)).await;
        post(&app, &student, id, 5).await.expect(answer);
    }
    let late = student_of(&world, id).await;
    set(&world, id, &late, "expiry_date", json!(world.ambient().now())).await;
    post(&app, &late, id, 5).await.expect_error(403, "ENROLLMENT_REQUIRED");
    assert_eq!(counts(&world, id).await, [0, 0, 0, 0, 1]);

    // Who is enrolled keeps a course that was taken out of the list, and his say with it.
    let student = student_of(&world, id).await;
    world.store().courses().unpublish(id, teacher.id, world.ambient().now()).await.unwrap();
    app.get(&reviews_of(id), &stranger).await.expect_error(404, "COURSE_NOT_FOUND");
    app.get(&reviews_of(id), None).await.expect_error(404, "COURSE_NOT_FOUND");
    app.get(&reviews_of(id), &teacher).await.expect(200);
    app.get(&reviews_of(id), &student).await.expect(200);
    post(&app, &student, id, 1).await.expect(201);
    post(&app, &stranger, id, 1).await.expect_error(404, "COURSE_NOT_FOUND");
}

async fn set(
    world: &testkit::World,
    course: Id<kinds::Course>,
    student: &Caller,
    name: &'static str,
    value: Value,
) {
    let key = EnrollmentGuard::key_of(student.id, course);
    let guard: EnrollmentGuard = world.store().get(key, Consistency::Strong).await.unwrap().unwrap();
    let key = Enrollment::key_of(student.id, guard.enrollment_id);
    world.store().update(Update::of::<Enrollment>(key).set(name, value)).await.unwrap();
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let student = student_of(&world, course).await;
    let with = |name: &str, value: Value| {
        let mut body = stars(5);
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("rating", json!(0)), "rating"),
        (with("rating", json!(6)), "rating"),
        (with("rating", json!(4.5)), "rating"),
        (with("rating", json!("5")), "rating"),
        (with("rating", Value::Null), "rating"),
        (with("title", json!("x".repeat(256))), "title"),
        (with("comment", json!("x".repeat(5_001))), "comment"),
        (with("comment", json!(" \n")), "comment"),
        (with("helpful_count", json!(9)), "helpful_count"),
        (json!({"rating": 5}), "comment"),
        (json!({"comment": "x"}), "rating"),
    ] {
        let refused = app.post(&reviews_of(course), &student, body.clone()).await;
        let refused = refused.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{body}: {}", refused.body);
    }
    // The longest that is taken: letters count, not bytes.
    let longest = json!({"rating": 5, "title": "한".repeat(255), "comment": "글".repeat(5_000)});
    let made = app.post(&reviews_of(course), &student, longest).await.expect(201);
    let path = format!("{}/{}", reviews_of(course), made.text("id"));
    for (body, field) in [
        (json!({"rating": 6}), "rating"),
        (json!({"comment": ""}), "comment"),
        (json!({"comment": "x".repeat(5_001)}), "comment"),
        (json!({"user_id": student.id}), "user_id"),
    ] {
        let refused = app.patch(&path, &student, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{}", refused.body);
    }
    app.patch(&path, &student, json!([])).await.expect_error(422, "VALIDATION_FAILED");
    assert_eq!(counts(&world, course).await, [0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_review_changes_and_what_it_said_before_is_kept() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, student) = review(&world, &app, course, 2).await;
    let written = world.ambient().now();
    world.advance(SignedDuration::from_mins(5));
    let changed = app.patch(&path, &student, json!({"rating": 5, "title": ""})).await.expect(200);
    assert!(changed.calls <= 5, "session, review, transaction, author with reply: {}", changed.calls);
    assert_eq!((&changed.body["rating"], &changed.body["title"]), (&json!(5), &json!("")));
    assert_eq!(changed.body["comment"], "I have learnt a lot.");
    assert_eq!(changed.body["edited_at"], json!(world.ambient().now()));
    assert_eq!(counts(&world, course).await, [0, 0, 0, 0, 1]);

    world.advance(SignedDuration::from_mins(5));
    app.patch(&path, &student, json!({"comment": "The end is weak."})).await.expect(200);
    let same = app.patch(&path, &student, json!({"rating": 5, "comment": "The end is weak."})).await;
    assert!(same.expect(200).calls <= 2, "nothing changes, nothing is written");
    app.patch(&path, &student, json!({})).await.expect(200);

    let id: Id<kinds::Review> = path.rsplit('/').next().unwrap().parse().unwrap();
    let kept = world.store().belongings().all(&Part::AroundReview(id)).await.unwrap();
    let text = |at: usize, name: &str| kept[at][name].as_s().unwrap().clone();
    assert_eq!(kept.len(), 2);
    assert_eq!((text(0, "title"), text(0, "comment")), ("Good".into(), "I have learnt a lot.".into()));
    assert_eq!(
        (kept[0]["rating"].as_n().unwrap().as_str(), kept[1]["rating"].as_n().unwrap().as_str()),
        ("2", "5")
    );
    assert_eq!(text(0, "written_at"), written.to_string());
    assert_eq!(text(1, "replaced_at"), world.ambient().now().to_string());

    // Its author reads them, and an admin; to all others they are no more.
    let edits = format!("{path}/edits");
    let read = app.get(&edits, &student).await.expect(200);
    assert!(read.calls <= 2, "review, edits; his session is remembered: {}", read.calls);
    assert_eq!(column(&read, "number"), [json!(1), json!(2)]);
    assert_eq!(column(&read, "rating"), [json!(2), json!(5)]);
    assert_eq!(column(&read, "comment"), [json!("I have learnt a lot."), json!("I have learnt a lot.")]);
    assert_eq!(app.get(&edits, &world.admin().await).await.expect(200).body, read.body);
    for who in [&teacher, &world.student().await] {
        app.get(&edits, who).await.expect_error(404, "REVIEW_NOT_FOUND");
    }
    app.get(&edits, None).await.expect_error(401, "NOT_AUTHENTICATED");

    // The lists follow.
    let five = app.get(&format!("{}?rating=5", reviews_of(course)), None).await.expect(200);
    assert_eq!((column(&five, "comment"), &five.body["count"]), (vec![json!("The end is weak.")], &json!(1)));
    for ordering in ["-created_at", "-helpful_count"] {
        let two = format!("{}?rating=2&ordering={ordering}", reviews_of(course));
        let two = app.get(&two, None).await.expect(200);
        assert_eq!((column(&two, "id"), &two.body["count"]), (Vec::<Value>::new(), &json!(0)), "{ordering}");
    }
}

#[tokio::test]
async fn a_review_is_changed_twenty_times_and_no_more() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, student) = review(&world, &app, course, 1).await;
    for edit in 1..=EDITS_MAX {
        app.patch(&path, &student, json!({"comment": format!("Words {edit}")})).await.expect(200);
    }
    app.patch(&path, &student, json!({"rating": 5})).await.expect_error(409, "TOO_MANY_EDITS");
    app.delete(&path, &student).await.expect(204);
    let id: Id<kinds::Review> = path.rsplit('/').next().unwrap().parse().unwrap();
    assert!(world.store().belongings().all(&Part::AroundReview(id)).await.unwrap().is_empty());
    assert!(world.store().belongings().all(&Part::Reviews(course)).await.unwrap().is_empty());
    assert_eq!(counts(&world, course).await, [0; 5]);
}

#[tokio::test]
async fn after_a_deletion_another_review_may_be_written() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, student) = review(&world, &app, course, 1).await;
    let again = post(&app, &student, course, 5).await.expect_error(409, "ALREADY_REVIEWED");
    assert!(path.ends_with(again.body["error"]["details"]["review_id"].as_str().unwrap()));
    let gone = app.delete(&path, &student).await.expect(204);
    assert_eq!(gone.calls, 2, "review, transaction");
    app.delete(&path, &student).await.expect_error(404, "REVIEW_NOT_FOUND");
    app.patch(&path, &student, json!({"rating": 2})).await.expect_error(404, "REVIEW_NOT_FOUND");
    assert_eq!(counts(&world, course).await, [0; 5]);
    let empty = app.get(&reviews_of(course), &student).await.expect(200);
    assert_eq!((&empty.body["summary"]["rating"], &empty.body["own_review_id"]), (&json!(0.0), &Value::Null));
    post(&app, &student, course, 5).await.expect(201);
    assert_eq!(counts(&world, course).await, [0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_review_is_its_authors_alone() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (one, two) = (course(&world, &teacher).await, course(&world, &teacher).await);
    let (path, author) = review(&world, &app, one, 3).await;
    let classmate = student_of(&world, one).await;
    for who in [&classmate, &teacher, &world.student().await] {
        app.patch(&path, who, json!({"rating": 1})).await.expect_error(404, "REVIEW_NOT_FOUND");
        app.delete(&path, who).await.expect_error(404, "REVIEW_NOT_FOUND");
    }
    app.patch(&path, None, json!({"rating": 1})).await.expect_error(401, "NOT_AUTHENTICATED");
    app.delete(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
    // Nor is it one of another course.
    let elsewhere = path.replace(&one.to_string(), &two.to_string());
    app.patch(&elsewhere, &author, json!({"rating": 1})).await.expect_error(404, "REVIEW_NOT_FOUND");
    app.delete(&elsewhere, &author).await.expect_error(404, "REVIEW_NOT_FOUND");
    app.delete(&format!("{}/x", reviews_of(one)), &author).await.expect_error(404, "NOT_FOUND");
    assert_eq!((counts(&world, one).await, counts(&world, two).await), ([0, 0, 1, 0, 0], [0; 5]));
}

#[tokio::test]
async fn an_admin_deletes_a_review_and_it_is_logged() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, author) = review(&world, &app, course, 1).await;
    let admin = world.admin().await;
    app.patch(&path, &admin, json!({"rating": 5})).await.expect_error(404, "REVIEW_NOT_FOUND");
    app.delete(&path, &admin).await.expect(204);
    assert_eq!(counts(&world, course).await, [0; 5]);
    let log = world.store().admin_actions().about_user(author.id, None, 10).await.unwrap().items;
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].admin_id, serde_json::to_value(log[0].kind).unwrap()),
        (admin.id, json!("review_deleted"))
    );
    assert!(path.ends_with(&log[0].details["review_id"]));
    app.delete(&path, &admin).await.expect_error(404, "REVIEW_NOT_FOUND");
    assert_eq!(world.store().admin_actions().about_user(author.id, None, 10).await.unwrap().items.len(), 1);
}

async fn with_key(app: &App, student: &Caller, course: Id<kinds::Course>, key: &str, rating: u8) -> Reply {
    let request = http::Request::post(reviews_of(course))
        .header(header::AUTHORIZATION, format!("Bearer {}", student.token))
        .header("idempotency-key", key);
    app.send(request.body(axum::body::Body::from(stars(rating).to_string())).unwrap()).await
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let student = student_of(&world, course).await;
    let first = with_key(&app, &student, course, "k1", 4).await.expect(201);
    world.advance(SignedDuration::from_mins(5));
    assert_eq!(with_key(&app, &student, course, "k1", 4).await.expect(201).body, first.body);
    with_key(&app, &student, course, "k1", 5).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    with_key(&app, &student, course, "k2", 4).await.expect_error(409, "ALREADY_REVIEWED");

    // As if the function had died between the transaction and the memory of its answer.
    let reviews = world.store().reviews();
    let stored: Review = reviews.get(course, first.text("id").parse().unwrap()).await.unwrap().unwrap();
    let key = EnrollmentGuard::key_of(student.id, course);
    let guard: EnrollmentGuard = world.store().get(key, Consistency::Strong).await.unwrap().unwrap();
    let again = reviews.create(&stored, guard.enrollment_id).await.unwrap();
    assert!(matches!(again, store::entities::review::Reviewed::Made(found) if found == stored));
    assert_eq!(counts(&world, course).await, [0, 0, 0, 1, 0]);
}
