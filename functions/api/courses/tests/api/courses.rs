//! A course itself: making, changing, showing, deleting.

use serde_json::{Value, json};

use crate::setup::{course, published, rust_course, world};

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
        .patch(&path, &teacher, json!({"title": "Rust for All", "level": "advanced", "tags": ["rust"]}))
        .await
        .expect(200);
    assert_eq!(changed.calls, 2, "the course and the transaction; the session is remembered");
    assert_eq!(changed.text("slug"), "rust-for-everyone");
    let read = app.get(&path, &teacher).await.expect(200).body;
    assert_eq!((&read["title"], &read["level"]), (&json!("Rust for All"), &json!("advanced")));
    assert_eq!((&read["description"], &read["price"]), (&json!("From zero to ownership."), &json!(0.0)));
    assert_eq!(read["tags"], json!(["rust"]));
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
}

#[tokio::test]
async fn a_draft_without_students_can_be_deleted_and_frees_its_slug() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let path = published(&app, &teacher).await;
    app.delete(&path, &teacher).await.expect_error(409, "COURSE_PUBLISHED");
    app.post(&format!("{path}/unpublish"), &teacher, json!({})).await.expect(200);
    app.delete(&path, &other).await.expect_error(404, "COURSE_NOT_FOUND");
    app.delete(&path, &teacher).await.expect(204);
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
        ("tags", json!(vec!["x"; 21]), "tags"),
        ("tags", json!([""]), "tags[0]"),
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
        ("tags", json!(vec!["x".repeat(50); 20])),
        ("thumbnail", json!("/posters/x.jpg")),
    ] {
        app.post("/api/v1/courses", &teacher, with(name, value)).await.expect(201);
    }
}
