//! Two teachers at one course, or one in two windows.

use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::setup::{column, course, lesson, published, section, text_lesson, with_header, world};

#[tokio::test]
async fn a_change_of_an_older_version_is_refused_with_the_current_one() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let path = published(&app, &teacher).await;
    let read = app.get(&path, &teacher).await.expect(200);
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", read.body["version"]));
    assert!(app.get(&path, &student).await.expect(200).headers.get("etag").is_none());

    let patch = async |path: &str, tag: &str, body: Value| {
        with_header(&app, (Method::PATCH, path), &teacher, ("if-match", tag), body).await
    };
    let changed = patch(&path, &tag, json!({"title": "A"})).await.expect(200);
    assert_eq!(changed.calls, 2, "course and transaction, as without");
    let newer = changed.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(newer, tag);
    let refused = patch(&path, &tag, json!({"title": "B"})).await.expect_error(412, "PRECONDITION_FAILED");
    let current = &refused.body["error"]["details"]["current_version"];
    assert_eq!((format!("\"{current}\""), refused.calls), (newer.clone(), 1));
    assert_eq!(app.get(&path, &teacher).await.body["title"], "A");
    for any in [newer.as_str(), "*"] {
        patch(&path, any, json!({"title": "C"})).await.expect(200);
    }
    app.patch(&path, &teacher, json!({"title": "D"})).await.expect(200);
    for wrong in ["7", "W/\"7\"", "\"x\"", "\"-1\"", "\"1\", \"2\"", "\"\""] {
        patch(&path, wrong, json!({"title": "E"})).await.expect_error(400, "IF_MATCH_INVALID");
    }

    // Sections, lessons and orders go by the version of their course.
    let curriculum = app.get(&path, &teacher).await.body["curriculum"].clone();
    let basics = curriculum[0]["id"].as_str().unwrap();
    let first = curriculum[0]["lessons"][0]["id"].as_str().unwrap();
    let (of_section, of_lesson) = (format!("{path}/sections/{basics}"), format!("{path}/lessons/{first}"));
    for path in [&of_section, &of_lesson] {
        patch(path, &tag, json!({"title": "x"})).await.expect_error(412, "PRECONDITION_FAILED");
    }
    for (order, ids) in
        [(format!("{path}/sections/reorder"), basics), (format!("{of_section}/lessons/reorder"), first)]
    {
        let body = json!({"order": [ids]});
        let stale =
            with_header(&app, (Method::POST, &order), &teacher, ("if-match", &tag), body.clone()).await;
        stale.expect_error(412, "PRECONDITION_FAILED");
        app.post(&order, &teacher, body).await.expect(204);
    }
    // So do all other changes of what is there.
    for (method, path) in [
        (Method::POST, format!("{path}/publish")),
        (Method::POST, format!("{path}/unpublish")),
        (Method::DELETE, of_lesson),
        (Method::DELETE, of_section),
        (Method::DELETE, path.clone()),
    ] {
        let stale = with_header(&app, (method.clone(), &path), &teacher, ("if-match", &tag), json!({})).await;
        stale.expect_error(412, "PRECONDITION_FAILED");
        let odd = with_header(&app, (method, &path), &teacher, ("if-match", "x"), json!({})).await;
        odd.expect_error(400, "IF_MATCH_INVALID");
    }
    let now = app.get(&path, &teacher).await.expect(200).headers["etag"].to_str().unwrap().to_owned();
    with_header(&app, (Method::DELETE, &path), &teacher, ("if-match", &now), json!({})).await.expect(204);
}

#[tokio::test]
async fn of_fifty_changes_of_one_version_one_happens() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let path = course(&app, &teacher).await;
    let apps = vec![app.clone(); 50];
    let tries = join_all(apps.iter().enumerate().map(async |(number, app)| {
        let body = json!({"title": format!("Title {number}")});
        with_header(app, (Method::PATCH, &path), &teacher, ("if-match", "\"1\""), body).await
    }));
    let (won, lost): (Vec<_>, Vec<_>) = tries.await.into_iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.expect_error(412, "PRECONDITION_FAILED");
    }
    assert_eq!(app.get(&path, &teacher).await.body["title"], won[0].body["title"]);
}

#[tokio::test]
async fn fifty_reorders_at_once_leave_a_permutation() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let path = course(&app, &teacher).await;
    let mut sections = Vec::new();
    for _ in 0..5 {
        sections.push(section(&app, &teacher, &path).await);
    }
    let mut lessons = Vec::new();
    for _ in 0..5 {
        lessons.push(lesson(&app, &teacher, &path, &sections[0], text_lesson()).await);
    }
    let turned = |ids: &[String], by: usize| {
        let mut ids = ids.to_vec();
        ids.rotate_left(by % 5);
        if by % 2 == 1 {
            ids.reverse();
        }
        ids
    };
    let (of_sections, of_lessons) =
        (format!("{path}/sections/reorder"), format!("{path}/sections/{}/lessons/reorder", sections[0]));
    let apps = vec![app.clone(); 50];
    let replies = join_all(apps.iter().enumerate().map(async |(number, app)| match number % 2 {
        0 => app.post(&of_sections, &teacher, json!({"order": turned(&sections, number / 2)})).await,
        _ => app.post(&of_lessons, &teacher, json!({"order": turned(&lessons, number / 2)})).await,
    }));
    for reply in replies.await {
        reply.expect(204);
    }
    let seen = app.get(&path, &teacher).await.expect(200).body["curriculum"].clone();
    let first =
        seen.as_array().unwrap().iter().find(|section| section["id"] == sections[0].as_str()).unwrap();
    for (ids, before) in [(column(&seen, "id"), &sections), (column(&first["lessons"], "id"), &lessons)] {
        let sorted = |ids: &[String]| {
            let mut ids = ids.to_vec();
            ids.sort();
            ids
        };
        assert_eq!(sorted(&ids), sorted(before), "each once");
        let asked = (0..25).map(|by| turned(before, by)).any(|order| order == ids);
        assert!(asked, "an order that somebody asked for, not a mixture: {ids:?}");
    }
}
