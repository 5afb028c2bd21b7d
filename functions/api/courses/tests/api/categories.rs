//! Categories: admins make them, courses count in them.

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{App, Caller, World};

use crate::setup::{column, course, lesson, section, text_lesson, world};

const ADMIN: &str = "/api/v1/admin/categories";

async fn make(app: &App, admin: &Caller, name: &str) -> String {
    app.post(ADMIN, admin, json!({"name": name})).await.expect(201).text("id")
}

/// Name and count of each category, in their order.
async fn listed(app: &App) -> Vec<(String, u64)> {
    let list = app.get("/api/v1/categories/", None).await.expect(200);
    assert!(list.calls <= 2, "categories, counts: {}", list.calls);
    let list = list.body["results"].as_array().unwrap().clone();
    let entry =
        |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["course_count"].as_u64().unwrap());
    list.iter().map(entry).collect()
}

fn counts(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// A course of this category that can be published, its path.
async fn ready(app: &App, teacher: &Caller, category: &str) -> String {
    let path = course(app, teacher).await;
    app.patch(&path, teacher, json!({"category": category})).await.expect(200);
    let section = section(app, teacher, &path).await;
    lesson(app, teacher, &path, &section, text_lesson()).await;
    path
}

async fn publish(app: &App, teacher: &Caller, path: &str) {
    app.post(&format!("{path}/publish"), teacher, json!({})).await.expect(200);
}

#[tokio::test]
async fn an_admin_makes_them_and_everybody_sees_them_in_their_order() {
    let (world, app) = world().await;
    let admin = world.admin().await;
    assert_eq!(listed(&app).await, []);
    let full =
        json!({"name": " Web Development ", "description": "Sites.", "icon": "BookOpen", "order_index": 2});
    let made = app.post(ADMIN, &admin, full).await.expect(201);
    let shown = json!({
        "id": made.body["id"], "name": "Web Development", "slug": "web-development", "description": "Sites.",
        "icon": "BookOpen", "order_index": 2, "course_count": 0,
    });
    assert_eq!(made.body, shown);
    app.post(ADMIN, &admin, json!({"name": "Music", "order_index": 1})).await.expect(201);
    app.post(ADMIN, &admin, json!({"name": "Art", "order_index": 2})).await.expect(201);
    let list = app.get_kept("/api/v1/categories", 30, &admin).await;
    assert_eq!(column(&list.body["results"], "name"), ["Music", "Art", "Web Development"]);
    assert_eq!(list.body["results"][2], shown);

    let path = format!("{ADMIN}/{}", made.text("id"));
    let changed = app.patch(&path, &admin, json!({"order_index": 0, "icon": "globe"})).await.expect(200);
    assert_eq!((&changed.body["icon"], &changed.body["name"]), (&json!("globe"), &json!("Web Development")));
    let renamed = app.patch(&path, &admin, json!({"name": "The web"})).await.expect(200);
    assert_eq!(renamed.body["slug"], "web-development", "links keep working");
    make(&app, &admin, "Web development").await;
    app.delete(&path, &admin).await.expect(204);
    app.delete(&path, &admin).await.expect_error(404, "CATEGORY_NOT_FOUND");
    app.patch(&path, &admin, json!({"icon": "x"})).await.expect_error(404, "CATEGORY_NOT_FOUND");
    make(&app, &admin, "The Web").await;
}

#[tokio::test]
async fn names_are_unique_whatever_their_spelling_and_slugs_are_too() {
    let (world, app) = world().await;
    let admin = world.admin().await;
    let film = make(&app, &admin, "Film").await;
    for name in ["film", " FILM ", "ｆｉｌｍ"] {
        app.post(ADMIN, &admin, json!({ "name": name })).await.expect_error(409, "CATEGORY_EXISTS");
    }
    let music = make(&app, &admin, "Music").await;
    let path = format!("{ADMIN}/{music}");
    app.patch(&path, &admin, json!({"name": "Film"})).await.expect_error(409, "CATEGORY_EXISTS");
    app.patch(&path, &admin, json!({"name": "MUSIC"})).await.expect(200);
    // What differs in signs alone has two slugs.
    let c = app.post(ADMIN, &admin, json!({"name": "C"})).await.expect(201).text("slug");
    let cpp = app.post(ADMIN, &admin, json!({"name": "C++"})).await.expect(201).text("slug");
    assert_eq!(c, "c");
    assert!(cpp.starts_with("c-"), "{cpp}");
    // A name that is given up is free.
    app.delete(&format!("{ADMIN}/{film}"), &admin).await.expect(204);
    app.patch(&path, &admin, json!({"name": "Film"})).await.expect(200);
    make(&app, &admin, "Music").await;
}

#[tokio::test]
async fn of_twenty_admins_who_take_a_name_one_gets_it() {
    let (world, app) = world().await;
    let admin = world.admin().await;
    let apps = vec![app.clone(); 20];
    let tries = apps.iter().map(|app| app.post(ADMIN, &admin, json!({"name": "Film"})));
    let statuses: Vec<_> = join_all(tries).await.into_iter().map(|reply| reply.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!(listed(&app).await, counts(&[("Film", 0)]));
}

#[tokio::test]
async fn nobody_but_admins_changes_them_and_bad_input_is_named() {
    let (world, app) = world().await;
    let admin = world.admin().await;
    let path = format!("{ADMIN}/{}", make(&app, &admin, "Film").await);
    for who in [&world.student().await, &world.instructor().await] {
        app.post(ADMIN, who, json!({"name": "X"})).await.expect_error(403, "ADMINS_ONLY");
        app.patch(&path, who, json!({"icon": "x"})).await.expect_error(403, "ADMINS_ONLY");
        app.delete(&path, who).await.expect_error(403, "ADMINS_ONLY");
    }
    app.post(ADMIN, None, json!({"name": "X"})).await.expect_error(401, "NOT_AUTHENTICATED");
    for (name, value) in [
        ("name", json!("")),
        ("name", json!("  ")),
        ("name", json!("x".repeat(101))),
        ("description", json!("x".repeat(501))),
        ("icon", json!("<svg>")),
        ("icon", json!("x".repeat(51))),
        ("order_index", json!(10_001)),
        ("order_index", json!(-1)),
        ("slug", json!("film")),
        ("course_count", json!(7)),
    ] {
        let mut new = json!({"name": "New"});
        new[name] = value.clone();
        for refused in
            [app.post(ADMIN, &admin, new).await, app.patch(&path, &admin, json!({ name: value })).await]
        {
            let refused = refused.expect_error(422, "VALIDATION_FAILED");
            assert!(refused.body["error"]["details"].get(name).is_some(), "{name}: {}", refused.body);
        }
    }
    app.patch(&format!("{ADMIN}/x"), &admin, json!({})).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_course_counts_while_it_is_published() {
    let (world, app) = world().await;
    let (admin, teacher) = (world.admin().await, world.instructor().await);
    let film = make(&app, &admin, "Film").await;
    make(&app, &admin, "Music").await;
    let (one, two) = (ready(&app, &teacher, "film ").await, ready(&app, &teacher, "Film").await);
    assert_eq!(listed(&app).await, counts(&[("Film", 0), ("Music", 0)]));
    publish(&app, &teacher, &one).await;
    publish(&app, &teacher, &one).await;
    publish(&app, &teacher, &two).await;
    assert_eq!(listed(&app).await, counts(&[("Film", 2), ("Music", 0)]));
    app.patch(&one, &teacher, json!({"category": "MUSIC"})).await.expect(200);
    assert_eq!(listed(&app).await, counts(&[("Film", 1), ("Music", 1)]));
    app.patch(&two, &teacher, json!({"title": "Another title"})).await.expect(200);
    // Its courses hold a category's name fast; its spelling may change.
    let path = format!("{ADMIN}/{film}");
    app.patch(&path, &admin, json!({"name": "Cinema"})).await.expect_error(409, "CATEGORY_IN_USE");
    app.patch(&path, &admin, json!({"name": "FILM"})).await.expect(200);
    app.post(&format!("{two}/unpublish"), &teacher, json!({})).await.expect(200);
    app.post(&format!("{two}/unpublish"), &teacher, json!({})).await.expect(200);
    assert_eq!(listed(&app).await, counts(&[("FILM", 0), ("Music", 1)]));
    app.patch(&path, &admin, json!({"name": "Cinema"})).await.expect(200);

    // A category that is made after its courses has them at once.
    let late = ready(&app, &teacher, "Cooking").await;
    publish(&app, &teacher, &late).await;
    let made = app.post(ADMIN, &admin, json!({"name": "cooking"})).await.expect(201);
    assert_eq!(made.body["course_count"], 1);
    app.patch(&late, &teacher, json!({"category": ""})).await.expect(200);
    assert_eq!(listed(&app).await, counts(&[("Cinema", 0), ("Music", 1), ("cooking", 0)]));
}

#[tokio::test]
async fn courses_that_come_and_go_at_once_are_counted_exactly() {
    let (world, app): (World, App) = world().await;
    let (admin, teacher) = (world.admin().await, world.instructor().await);
    make(&app, &admin, "Film").await;
    let mut paths = Vec::new();
    for _ in 0..12 {
        paths.push(ready(&app, &teacher, "Film").await);
    }
    let apps = vec![app.clone(); 12];
    join_all(apps.iter().zip(&paths).map(|(app, path)| publish(app, &teacher, path))).await;
    assert_eq!(listed(&app).await, counts(&[("Film", 12)]));
    let changes = apps.iter().zip(&paths).enumerate().map(async |(place, (app, path))| match place % 3 {
        0 => app.post(&format!("{path}/unpublish"), &teacher, json!({})).await.expect(200),
        1 => app.patch(path, &teacher, json!({"category": "Music"})).await.expect(200),
        _ => app.patch(path, &teacher, json!({"title": "Another title"})).await.expect(200),
    });
    join_all(changes).await;
    assert_eq!(listed(&app).await, counts(&[("Film", 4)]));
}
