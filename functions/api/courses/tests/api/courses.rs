//! A course itself: making, changing, showing, deleting.

use domain::course::LessonKind;
use http::Method;
use serde_json::{Value, json};
use store::entities::{
    Review,
    review::{Removed, Reviewed},
    section::NewLesson,
};
use testkit::{fixtures, shop};

use crate::setup::{course, enroll, id_in, published, rust_course, text_lesson, with_header, world};

#[tokio::test]
async fn a_draft_is_made_and_only_its_teacher_sees_it() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let made = app.post("/api/v1/courses/", &teacher, rust_course()).await.expect(201);
    assert_eq!(made.calls, 2, "the session and one transaction");
    assert_eq!(made.text("slug"), "rust-for-everyone");
    assert_eq!((&made.body["status"], &made.body["is_published"]), (&json!("draft"), &json!(false)));

    let path = format!("/api/v1/courses/{}", made.text("id"));
    for path in [path.as_str(), "/api/v1/courses/rust-for-everyone"] {
        assert_eq!(app.get(path, &teacher).await.expect(200).body["id"], made.body["id"]);
        app.get(path, &other).await.expect_error(404, "COURSE_NOT_FOUND");
        app.get(path, None).await.expect_error(404, "COURSE_NOT_FOUND");
    }
    app.get("/api/v1/courses/no-such-course", None).await.expect_error(404, "COURSE_NOT_FOUND");
}

#[tokio::test]
async fn titles_in_hangul_give_addresses_that_work() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let body = json!({"title": "파이썬 기초 강의"});
    let made = app.post("/api/v1/courses", &teacher, body.clone()).await.expect(201);
    assert_eq!(
        (made.text("slug"), made.text("title")),
        ("paisseon-gico-gangyi".into(), "파이썬 기초 강의".into())
    );
    app.get("/api/v1/courses/paisseon-gico-gangyi", &teacher).await.expect(200);
    let second = app.post("/api/v1/courses", &teacher, body).await.expect(201).text("slug");
    let suffix = second.strip_prefix("paisseon-gico-gangyi-").unwrap();
    assert_eq!(suffix.len(), 5, "{second}");
}

#[tokio::test]
async fn money_stays_exact() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    for (sent, shown) in
        [("89.99", "89.99"), ("90", "90.00"), ("0.1", "0.10"), ("99999999.99", "99999999.99")]
    {
        let mut body = rust_course();
        body["price"] = serde_json::from_str(sent).unwrap();
        let made = app.post("/api/v1/courses", &teacher, body).await.expect(201);
        assert_eq!(made.body["price"], serde_json::from_str::<Value>(shown).unwrap());
    }
    let mut body = rust_course();
    (body["price"], body["original_price"]) = (json!(89.99), json!(129.99));
    let made = app.post("/api/v1/courses", &teacher, body).await.expect(201);
    assert_eq!(made.body["discount_percent"], 30);
    let path = format!("/api/v1/courses/{}", made.text("id"));
    let changed = app.patch(&path, &teacher, json!({"original_price": null})).await.expect(200);
    assert_eq!(
        (&changed.body["original_price"], &changed.body["discount_percent"]),
        (&Value::Null, &json!(0))
    );
    let refused = app.patch(&path, &teacher, json!({"original_price": 50})).await;
    assert!(
        refused.expect_error(422, "VALIDATION_FAILED").body["error"]["details"]
            .get("original_price")
            .is_some()
    );
}

#[tokio::test]
async fn a_change_leaves_the_rest_and_the_slug_as_they_are() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let path = course(&app, &teacher).await;
    let changed = app
        .patch(&path, &teacher, json!({"title": "Rust for All", "level": "advanced", "tags": ["#Rust", "rust "], "prerequisites": "None"}))
        .await
        .expect(200);
    assert_eq!(changed.calls, 2, "the course and the transaction; the session is remembered");
    assert_eq!(changed.text("slug"), "rust-for-everyone");
    let read = app.get(&path, &teacher).await.expect(200).body;
    assert_eq!((&read["title"], &read["level"]), (&json!("Rust for All"), &json!("advanced")));
    assert_eq!((&read["description"], &read["price"]), (&json!("From zero to ownership."), &json!(0.0)));
    assert_eq!((&read["tags"], &read["prerequisites"]), (&json!(["rust"]), &json!("None")));
}

#[tokio::test]
async fn a_published_course_keeps_its_description() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let path = published(&app, &teacher).await;
    let refused = app.patch(&path, &teacher, json!({"description": " "})).await;
    let refused = refused.expect_error(422, "PUBLISH_BLOCKED");
    assert_eq!(refused.body["error"]["details"]["missing"][0]["what"], "DESCRIPTION");
}

#[tokio::test]
async fn everybody_sees_a_published_course_within_its_budget() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let path = published(&app, &teacher).await;
    let seen = app.get("/api/v1/courses/rust-for-everyone", None).await.expect(200);
    assert!(seen.calls <= 3, "slug, course, teacher: {}", seen.calls);
    assert_eq!(seen.body["instructor"]["first_name"], "Ada");
    assert_eq!(seen.body["instructor"]["profile"]["bio"], "");
    assert!(seen.body.to_string().find("password").is_none());
    assert_eq!((&seen.body["enrolled"], &seen.body["progress"]), (&json!(false), &Value::Null));
    assert_eq!(app.get(&path, None).await.expect(200).calls, 2);
    let seen = app.get(&path, &student).await.expect(200);
    assert_eq!((seen.calls, &seen.body["enrolled"]), (3, &json!(false)));
    assert_eq!((&seen.body["in_cart"], &seen.body["in_wishlist"]), (&json!(false), &json!(false)));
    let course = world.store().courses().get(seen.text("id").parse().unwrap()).await.unwrap().unwrap();
    shop::fill_cart(&world, &student, std::slice::from_ref(&course)).await;
    let seen = app.get(&path, &student).await.expect(200);
    assert_eq!((seen.calls, &seen.body["in_cart"]), (2, &json!(true)), "in the batch that was read before");
    assert_eq!(app.get(&path, &teacher).await.expect(200).body["in_cart"], false);
}

#[tokio::test]
async fn a_slug_is_looked_up_once_by_an_instance_and_stays_true() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let path = published(&app, &teacher).await;
    enroll(&world, &student, &path).await;
    let by_slug = "/api/v1/courses/rust-for-everyone";
    app.get(&path, &student).await.expect(200);
    let first = app.get(by_slug, &student).await.expect(200);
    assert_eq!(
        (first.calls, &first.body["enrolled"]),
        (4, &json!(true)),
        "slug, course, what it names, enrolment"
    );
    assert_eq!(app.get(by_slug, &student).await.expect(200).calls, 3);
    assert_eq!(app.get(by_slug, None).await.expect(200).calls, 2);
}

#[tokio::test]
async fn a_slug_that_another_course_has_taken_shows_that_one() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let by_slug = "/api/v1/courses/rust-for-everyone";
    let first = published(&app, &teacher).await;
    app.get(by_slug, None).await.expect(200);
    app.delete(&first, &teacher).await.expect(204);
    app.get(by_slug, None).await.expect_error(404, "COURSE_NOT_FOUND");
    let second = published(&app, &teacher).await;
    let seen = app.get(by_slug, None).await.expect(200);
    assert_eq!(second, format!("/api/v1/courses/{}", seen.body["id"].as_str().unwrap()));
    assert_ne!(second, first);
}

#[tokio::test]
async fn the_page_of_a_course_has_its_teacher_and_its_newest_reviews() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let path = published(&app, &teacher).await;
    let enrolled = enroll(&world, &student, &path).await;
    let empty = app.get(&path, None).await.expect(200).body;
    let none = json!({"count": 0, "rating": 0.0, "distribution": {"5": 0, "4": 0, "3": 0, "2": 0, "1": 0}, "recent": []});
    assert_eq!((&empty["reviews"], &empty["rating_count"]), (&none, &json!(0)));
    let review =
        Review { instructor_id: teacher.id, ..fixtures::review(&world, student.id, enrolled.course_id) };
    let made = world.store().reviews().create(&review, enrolled.id).await.unwrap();
    assert!(matches!(made, Reviewed::Made(_)), "{made:?}");

    let seen = app.get("/api/v1/courses/rust-for-everyone", None).await.expect(200);
    assert!(seen.calls <= 3, "slug, course, all that it names: {}", seen.calls);
    let recent = &seen.body["reviews"]["recent"][0];
    let shown = ["id", "author", "rating", "comment", "helpful_count"].map(|name| recent[name].clone());
    assert_eq!(
        shown,
        [json!(review.id), json!("Ada Lovelace"), json!(4), json!("I have learnt a lot."), json!(0)]
    );
    assert_eq!((&seen.body["reviews"]["count"], &seen.body["rating_count"]), (&json!(1), &json!(1)));
    let profile = &seen.body["instructor"]["profile"];
    let numbers = ["courses_count", "students_count", "rating"].map(|name| profile[name].clone());
    assert_eq!(numbers, [json!(1), json!(1), json!(4.0)]);
    assert_eq!((&seen.body["is_new"], &seen.body["is_bestseller"]), (&json!(true), &json!(false)));
    assert_eq!(seen.body["preview_video_url"], Value::Null);
    world.advance(jiff::SignedDuration::from_hours(31 * 24));
    assert_eq!(app.get(&path, None).await.expect(200).body["is_new"], false);
    // A review that went meanwhile leaves no hole.
    let gone = world.store().reviews().remove(review, None).await.unwrap();
    assert_eq!(gone, Removed::Done);
    assert_eq!(app.get(&path, None).await.expect(200).body["reviews"], none);
}

#[tokio::test]
async fn who_is_enrolled_keeps_the_page_of_a_course_that_left_the_list() {
    let (world, app) = world().await;
    let (teacher, student, stranger) =
        (world.instructor().await, world.student().await, world.student().await);
    let path = published(&app, &teacher).await;
    enroll(&world, &student, &path).await;
    app.post(&format!("{path}/unpublish"), &teacher, json!({})).await.expect(200);
    for path in [path.as_str(), "/api/v1/courses/rust-for-everyone"] {
        let seen = app.get(path, &student).await.expect(200);
        assert_eq!((&seen.body["enrolled"], &seen.body["is_new"]), (&json!(true), &json!(false)));
        app.get(path, &stranger).await.expect_error(404, "COURSE_NOT_FOUND");
        app.get(path, None).await.expect_error(404, "COURSE_NOT_FOUND");
    }
    app.delete(&path, &teacher).await.expect(204);
    app.get(&path, &student).await.expect(200);
    app.get(&path, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
}

#[tokio::test]
async fn a_repeated_request_makes_one_course_one_section_one_lesson() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let send = async |path: &str, body: Value| {
        with_header(&app, (Method::POST, path), &teacher, ("idempotency-key", "one"), body).await
    };
    let first = send("/api/v1/courses", rust_course()).await.expect(201).body;
    assert_eq!(send("/api/v1/courses", rust_course()).await.expect(201).body, first);
    send("/api/v1/courses", json!({"title": "Other"})).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    let course = format!("/api/v1/courses/{}", first["id"].as_str().unwrap());
    let sections = format!("{course}/sections");
    let section = send(&sections, json!({"title": "Basics"})).await.expect(201).body;
    assert_eq!(send(&sections, json!({"title": "Basics"})).await.expect(201).body, section);
    let lessons = format!("{sections}/{}/lessons", section["id"].as_str().unwrap());
    let lesson = send(&lessons, text_lesson()).await.expect(201).body;
    assert_eq!(send(&lessons, text_lesson()).await.expect(201).body, lesson);
    let seen = app.get(&course, &teacher).await.expect(200).body;
    assert_eq!((&seen["section_count"], &seen["lesson_count"]), (&json!(1), &json!(1)));
    let own = app.get("/api/v1/instructor/courses", &teacher).await.expect(200).body;
    assert_eq!(own["results"].as_array().unwrap().len(), 1);

    // As if the function had died before the answer was remembered: the same things are found under their ids.
    let (store, now) = (world.store(), world.ambient().now());
    let stored = store.courses().get(id_in(&course)).await.unwrap().unwrap();
    assert!(!store.courses().create(&stored).await.unwrap(), "its own slug is taken");
    let outline = store.courses().outline(stored.id).await.unwrap().unwrap();
    let again = store.courses().add_section(teacher.id, &outline.sections[0].0).await.unwrap();
    assert_eq!(again.revision, stored.revision);
    let same = NewLesson {
        id: outline.sections[0].1[0].id,
        section_id: outline.sections[0].0.id,
        kind: LessonKind::Text,
        title: "Ownership".into(),
        description: String::new(),
        content: Some("x".into()),
        quiz: None,
        resources: Vec::new(),
        video_id: None,
        duration_seconds: None,
        is_preview: false,
        schedule: Default::default(),
    };
    let found = store.courses().add_lesson(stored.id, teacher.id, &same, now).await.unwrap();
    assert_eq!((found.id, found.duration_seconds), (same.id, 90));
    assert_eq!(store.courses().get(stored.id).await.unwrap().unwrap().lesson_count, 1);
}

#[tokio::test]
async fn visitors_pages_may_be_kept_and_what_is_refused_or_somebodys_own_may_not() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let path = published(&app, &teacher).await;
    for path in [path.clone(), "/api/v1/courses/rust-for-everyone".into(), format!("{path}/sections")] {
        app.get_kept(&path, 30, &student).await;
    }
    let own = app.get(&path, &teacher).await.expect(200);
    assert!(own.headers["etag"].to_str().unwrap().starts_with('"'), "the version, for If-Match");
    assert_eq!(own.headers["cache-control"], "private, no-store");
    let missing = app.get("/api/v1/courses/no-such-course", None).await.expect(404);
    assert_eq!(missing.headers["cache-control"], "private, no-store", "it may be published in a moment");
    let changed = app.get_kept(&path, 30, &student).await;
    app.patch(&path, &teacher, json!({"title": "Rust for All"})).await.expect(200);
    assert_ne!(app.get_kept(&path, 30, &student).await.headers["etag"], changed.headers["etag"]);
}

#[tokio::test]
async fn a_course_without_students_can_be_deleted_and_frees_its_slug() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let path = published(&app, &teacher).await;
    app.delete(&path, &other).await.expect_error(404, "COURSE_NOT_FOUND");
    let deleted = app.delete(&path, &teacher).await.expect(204);
    assert_eq!(deleted.calls, 2, "course and transaction");
    assert_eq!(crate::setup::listed(&world).await, 0);
    app.get(&path, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
    app.delete(&path, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
    app.patch(&path, &teacher, json!({"title": "Back"})).await.expect_error(404, "COURSE_NOT_FOUND");
    assert_eq!(app.get("/api/v1/instructor/courses", &teacher).await.expect(200).body["results"], json!([]));
    assert_eq!(
        app.post("/api/v1/courses", &teacher, rust_course()).await.expect(201).text("slug"),
        "rust-for-everyone"
    );
}

#[tokio::test]
async fn strangers_students_and_visitors_change_nothing() {
    let (world, app) = world().await;
    let (teacher, other, student) =
        (world.instructor().await, world.instructor().await, world.student().await);
    let path = published(&app, &teacher).await;
    let curriculum = app.get(&path, &teacher).await.expect(200).body["curriculum"].clone();
    let section = curriculum[0]["id"].as_str().unwrap();
    let lesson = curriculum[0]["lessons"][0]["id"].as_str().unwrap();
    let title = json!({"title": "Mine now"});
    let text = json!({"title": "Mine now", "kind": "text", "content": "x"});
    for (method, below, body) in [
        ("PATCH", String::new(), title.clone()),
        ("POST", "/publish".into(), json!({})),
        ("POST", "/unpublish".into(), json!({})),
        ("POST", "/sections".into(), title.clone()),
        ("POST", "/sections/reorder".into(), json!({"order": [section]})),
        ("PATCH", format!("/sections/{section}"), title.clone()),
        ("DELETE", format!("/sections/{section}"), json!({})),
        ("POST", format!("/sections/{section}/lessons"), text),
        ("POST", format!("/sections/{section}/lessons/reorder"), json!({"order": [lesson]})),
        ("PATCH", format!("/lessons/{lesson}"), title.clone()),
        ("DELETE", format!("/lessons/{lesson}"), json!({})),
    ] {
        let method = || method.parse().unwrap();
        let path = format!("{path}{below}");
        let call = async |who| app.call(method(), &path, who, Some(&body)).await;
        call(Some(&other)).await.expect_error(404, "COURSE_NOT_FOUND");
        call(Some(&student)).await.expect_error(403, "INSTRUCTORS_ONLY");
        call(None).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    app.post("/api/v1/courses", &student, rust_course()).await.expect_error(403, "INSTRUCTORS_ONLY");
    assert_eq!(
        app.get(&path, &teacher).await.expect(200).body["curriculum"],
        curriculum,
        "nothing has changed"
    );
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let with = |name: &str, value: Value| {
        let mut body = rust_course();
        body[name] = value;
        body
    };
    let path = course(&app, &teacher).await;
    for (name, value, field) in [
        ("title", json!("  "), "title"),
        ("title", json!("x".repeat(256)), "title"),
        ("title", json!(7), "title"),
        ("description", json!("x".repeat(10_001)), "description"),
        ("short_description", json!("x".repeat(501)), "short_description"),
        ("level", json!("expert"), "level"),
        ("language", json!("english"), "language"),
        ("thumbnail", json!("javascript:alert(1)"), "thumbnail"),
        ("thumbnail", json!("//evil.example/x.png"), "thumbnail"),
        ("price", json!(89.999), "price"),
        ("price", json!(-1), "price"),
        ("price", json!("89.99"), "price"),
        ("price", json!(100_000_000), "price"),
        ("tags", json!((0..21).map(|number| format!("tag {number}")).collect::<Vec<_>>()), "tags"),
        ("tags", json!([""]), "tags"),
        ("tags", json!(["x".repeat(51)]), "tags"),
        ("tags", json!("rust"), "tags"),
        ("prerequisites", json!("x".repeat(2_001)), "prerequisites"),
        ("outcomes", json!(["x".repeat(201)]), "outcomes[0]"),
        ("status", json!("published"), "status"),
        ("instructor_id", json!("x"), "instructor_id"),
        ("student_count", json!(1_000_000), "student_count"),
    ] {
        let created = app.post("/api/v1/courses", &teacher, with(name, value.clone())).await;
        let changed = app.patch(&path, &teacher, json!({name: value})).await;
        for reply in [created, changed] {
            let reply = reply.expect_error(422, "VALIDATION_FAILED");
            assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
        }
    }
    for (name, value) in [
        ("title", json!("가".repeat(255))),
        ("description", json!("가".repeat(10_000))),
        ("tags", json!((0..20).map(|number| format!("{number:050}")).collect::<Vec<_>>())),
        ("tags", json!(vec!["#Same"; 21])),
        ("prerequisites", json!("가".repeat(2_000))),
        ("thumbnail", json!("/posters/x.jpg")),
    ] {
        app.post("/api/v1/courses", &teacher, with(name, value)).await.expect(201);
    }
}
