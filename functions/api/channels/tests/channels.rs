//! Channels as their owners and others see them.

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{App, World};

async fn world() -> (World, App) {
    let world = World::new().await;
    let app = world.app(api_channels::router(), api_channels::State::new(world.platform.clone()));
    (world, app)
}

fn tech_reviews() -> Value {
    json!({"name": "Tech Reviews", "handle": "techreviews", "description": "Daily reviews"})
}

#[tokio::test]
async fn an_instructor_makes_a_channel_and_everybody_finds_it() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let made = app.post("/api/v1/channels/", &teacher, tech_reviews()).await.expect(201);
    assert_eq!(made.body["quota"]["max_videos_per_week"], 10);
    assert_eq!(made.calls, 2, "the session and one transaction");

    let by_handle = app.get("/api/v1/channels/@techreviews", None).await.expect(200);
    assert_eq!(by_handle.body["id"], made.body["id"]);
    assert_eq!(by_handle.body["quota"], Value::Null, "the quota is the owner's business");
    assert_eq!(by_handle.calls, 2);
    let path = format!("/api/v1/channels/{}", made.text("id"));
    assert_eq!(app.get(&path, &teacher).await.expect(200).body["quota"]["max_file_size_gb"], 2);
    assert_eq!(app.get("/api/v1/channels/me", &teacher).await.expect(200).body["id"], made.body["id"]);
    app.get(&format!("{path}/quota"), &teacher).await.expect(200);
    app.get_kept(&path, 30, &teacher).await;
}

#[tokio::test]
async fn one_channel_a_user_and_one_channel_a_handle() {
    let (world, app) = world().await;
    let (one, two) = (world.instructor().await, world.instructor().await);
    app.post("/api/v1/channels", &one, tech_reviews()).await.expect(201);
    let other = json!({"name": "Another", "handle": "another"});
    app.post("/api/v1/channels", &one, other).await.expect_error(409, "CHANNEL_EXISTS");
    app.post("/api/v1/channels", &two, tech_reviews()).await.expect_error(409, "HANDLE_TAKEN");
}

#[tokio::test]
async fn of_fifty_racers_for_a_handle_one_wins() {
    let (world, app) = world().await;
    let callers = join_all((0..50).map(|_| world.instructor())).await;
    let tries = callers.iter().map(|caller| app.post("/api/v1/channels", caller, tech_reviews()));
    let won = join_all(tries).await.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn who_is_not_the_owner_changes_nothing_and_learns_nothing() {
    let (world, app) = world().await;
    let (owner, stranger) = (world.instructor().await, world.instructor().await);
    let id = app.post("/api/v1/channels", &owner, tech_reviews()).await.expect(201).text("id");
    let path = format!("/api/v1/channels/{id}");
    app.patch(&path, &stranger, json!({"name": "Mine now"})).await.expect_error(404, "CHANNEL_NOT_FOUND");
    app.get(&format!("{path}/quota"), &stranger).await.expect_error(404, "CHANNEL_NOT_FOUND");
    app.patch(&path, None, json!({"name": "Mine now"})).await.expect_error(401, "NOT_AUTHENTICATED");
    let changed = app.patch(&path, &owner, json!({"name": "Reviews"})).await.expect(200);
    assert_eq!(
        (&changed.body["name"], &changed.body["description"]),
        (&json!("Reviews"), &json!("Daily reviews"))
    );
}

#[tokio::test]
async fn students_and_visitors_make_no_channel() {
    let (world, app) = world().await;
    let student = world.student().await;
    app.post("/api/v1/channels", &student, tech_reviews()).await.expect_error(403, "INSTRUCTORS_ONLY");
    app.post("/api/v1/channels", None, tech_reviews()).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let with = |name: &str, value: Value| {
        let mut body = tech_reviews();
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("name", json!("ab")), "name"),
        (with("name", json!("x".repeat(101))), "name"),
        (with("name", json!(7)), "name"),
        (with("handle", json!("Tech Reviews")), "handle"),
        (with("description", json!("x".repeat(5001))), "description"),
        (with("verified", json!(true)), "verified"),
        (json!({"handle": "techreviews"}), "name"),
    ] {
        let reply = app.post("/api/v1/channels", &teacher, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    app.get("/api/v1/channels/not-an-id", None).await.expect_error(404, "CHANNEL_NOT_FOUND");
    app.get("/api/v1/channels", None).await.expect_error(405, "METHOD_NOT_ALLOWED");
}
