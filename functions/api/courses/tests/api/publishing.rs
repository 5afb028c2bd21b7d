//! Publication and its checks.

use domain::video::VideoStatus;
use serde_json::json;
use store::entities::{CatalogStats, Video};

use crate::setup::{course, lesson, published, section, text_lesson, video, world};

#[tokio::test]
async fn everything_that_is_missing_is_listed_at_once() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let made = app.post("/api/v1/courses", &teacher, json!({"title": "Empty"})).await.expect(201);
    let course = format!("/api/v1/courses/{}", made.text("id"));
    let missing = async || {
        let reply = app.post(&format!("{course}/publish"), &teacher, json!({})).await;
        let details = reply.expect_error(422, "PUBLISH_BLOCKED").body["error"]["details"]["missing"].clone();
        assert!(details.as_array().unwrap().iter().all(|entry| entry["message"].is_string()));
        crate::setup::column(&details, "what")
    };
    assert_eq!(missing().await, ["DESCRIPTION", "PRICE", "SECTION", "LESSON"]);
    app.patch(&course, &teacher, json!({"description": "All of it", "price": 0})).await.expect(200);
    let section = section(&app, &teacher, &course).await;
    assert_eq!(missing().await, ["LESSON"]);
    let film = lesson(&app, &teacher, &course, &section, json!({"kind": "video", "title": "Film"})).await;
    assert_eq!(missing().await, ["VIDEO"]);
    let pending = video(&world, &teacher, VideoStatus::Processing).await;
    app.patch(&format!("{course}/lessons/{film}"), &teacher, json!({"video_id": pending})).await.expect(200);
    assert_eq!(missing().await, ["READY_VIDEO"]);

    // The video becomes ready, with a duration that nobody knew when the lesson was made.
    let update = store::Update::of::<Video>(Video::key_of(pending));
    world.store().update(update.set("status", VideoStatus::Ready).set("duration_ms", 750_000)).await.unwrap();
    let done = app.post(&format!("{course}/publish"), &teacher, json!({})).await.expect(200);
    assert_eq!((&done.body["is_published"], &done.body["duration_seconds"]), (&json!(true), &json!(750)));
    assert_eq!(done.calls, 4, "course, outline, videos, transaction; the session is remembered");
    let seen = app.get(&course, None).await.expect(200);
    assert_eq!(seen.body["curriculum"][0]["lessons"][0]["duration_seconds"], 750);
}

#[tokio::test]
async fn many_durations_are_corrected_before_a_course_is_published() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let section = section(&app, &teacher, &course).await;
    for _ in 0..101 {
        let film = video(&world, &teacher, VideoStatus::Ready).await;
        lesson(&app, &teacher, &course, &section, json!({"kind": "video", "title": "x", "video_id": film}))
            .await;
        let update = store::Update::of::<Video>(Video::key_of(film)).set("duration_ms", 60_000);
        world.store().update(update).await.unwrap();
    }
    let done = app.post(&format!("{course}/publish"), &teacher, json!({})).await.expect(200);
    assert_eq!((&done.body["duration_seconds"], &done.body["is_published"]), (&json!(6_060), &json!(true)));
    let seen = app.get(&course, None).await.expect(200);
    assert_eq!(seen.body["curriculum"][0]["total_duration_minutes"], 101);
}

#[tokio::test]
async fn the_count_of_published_courses_follows() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = published(&app, &teacher).await;
    let (publish, unpublish) = (format!("{course}/publish"), format!("{course}/unpublish"));
    let count = async || {
        let stats: Option<CatalogStats> =
            world.store().get(CatalogStats::key_of(), store::Consistency::Strong).await.unwrap();
        (stats.unwrap().published_count, crate::setup::listed(&world).await)
    };
    assert_eq!(count().await, (1, 1));
    let first = app.post(&publish, &teacher, json!({})).await.expect(200).text("published_at");
    assert_eq!(count().await, (1, 1), "published already");
    for _ in 0..2 {
        app.post(&unpublish, &teacher, json!({})).await.expect(200);
        assert_eq!(count().await, (0, 0));
    }
    app.get(&course, None).await.expect_error(404, "COURSE_NOT_FOUND");
    world.advance(jiff::SignedDuration::from_mins(10));
    assert_eq!(app.post(&publish, &teacher, json!({})).await.expect(200).text("published_at"), first);
    assert_eq!(count().await, (1, 1));
}

#[tokio::test]
async fn a_published_course_stays_one_that_can_be_taken() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = published(&app, &teacher).await;
    let curriculum = app.get(&course, None).await.body["curriculum"].clone();
    let (section, only) =
        (curriculum[0]["id"].as_str().unwrap(), curriculum[0]["lessons"][0]["id"].as_str().unwrap());
    app.delete(&format!("{course}/lessons/{only}"), &teacher).await.expect_error(422, "PUBLISH_BLOCKED");
    let lessons = format!("{course}/sections/{section}/lessons");
    let pending = video(&world, &teacher, VideoStatus::Processing).await;
    for video in [json!(null), json!(pending)] {
        let body = json!({"kind": "video", "title": "x", "video_id": video});
        app.post(&lessons, &teacher, body).await.expect_error(422, "PUBLISH_BLOCKED");
    }
    let ready = video(&world, &teacher, VideoStatus::Ready).await;
    let film = json!({"kind": "video", "title": "x", "video_id": ready});
    let film = lesson(&app, &teacher, &course, section, film).await;
    let path = format!("{course}/lessons/{film}");
    app.patch(&path, &teacher, json!({"video_id": null})).await.expect_error(422, "PUBLISH_BLOCKED");
    app.patch(&path, &teacher, json!({"title": "y"})).await.expect(200);
    lesson(&app, &teacher, &course, section, text_lesson()).await;
    app.delete(&format!("{course}/lessons/{only}"), &teacher).await.expect(204);
}
