//! Many at once.

use std::collections::HashSet;

use futures::future::join_all;
use serde_json::json;
use store::entities::CatalogStats;

use crate::setup::{column, course, rust_course, section, text_lesson, world};

#[tokio::test]
async fn fifty_courses_of_one_title_have_fifty_slugs() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let apps = vec![app.clone(); 50];
    let made = join_all(apps.iter().map(|app| app.post("/api/v1/courses", &teacher, rust_course()))).await;
    let slugs: HashSet<_> = made.into_iter().map(|reply| reply.expect(201).text("slug")).collect();
    assert_eq!(slugs.len(), 50);
    assert!(slugs.contains("rust-for-everyone"));
    let listed = app.get("/api/v1/instructor/courses?page_size=100", &teacher).await.expect(200);
    assert_eq!(column(&listed.body["results"], "slug").into_iter().collect::<HashSet<_>>(), slugs);
}

#[tokio::test]
async fn of_fifty_sections_at_once_none_is_lost() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let apps = vec![app.clone(); 50];
    let added = join_all(apps.iter().map(|app| section(app, &teacher, &course))).await;
    let seen = app.get(&course, &teacher).await.expect(200);
    let sections = &seen.body["curriculum"];
    assert_eq!(column(sections, "id").into_iter().collect::<HashSet<_>>(), added.into_iter().collect());
    let orders: Vec<_> =
        sections.as_array().unwrap().iter().map(|section| section["order"].as_u64().unwrap()).collect();
    assert_eq!(orders, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn lessons_added_and_deleted_at_once_leave_true_counts() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let section = section(&app, &teacher, &course).await;
    let add = async |app: &testkit::App| {
        crate::setup::lesson(app, &teacher, &course, &section, text_lesson()).await
    };
    let apps = vec![app.clone(); 10];
    let old = join_all(apps.iter().map(add)).await;
    let deletions = join_all(old.iter().map(async |id| {
        app.clone().delete(&format!("{course}/lessons/{id}"), &teacher).await.expect(204);
    }));
    let changes = join_all(apps.iter().map(async |app| {
        app.patch(&course, &teacher, json!({"level": "advanced"})).await.expect(200);
    }));
    let (added, _, _) = futures::join!(join_all(apps.iter().map(add)), deletions, changes);
    let seen = app.get(&course, &teacher).await.expect(200).body;
    let lessons = column(&seen["curriculum"][0]["lessons"], "id");
    assert_eq!(lessons.into_iter().collect::<HashSet<_>>(), added.into_iter().collect());
    assert_eq!((&seen["lesson_count"], &seen["duration_seconds"]), (&json!(10), &json!(900)));
}

#[tokio::test]
async fn a_course_that_many_publish_is_counted_once() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let section = section(&app, &teacher, &course).await;
    crate::setup::lesson(&app, &teacher, &course, &section, text_lesson()).await;
    let (path, apps) = (format!("{course}/publish"), vec![app.clone(); 20]);
    for reply in join_all(apps.iter().map(|app| app.post(&path, &teacher, json!({})))).await {
        reply.expect(200);
    }
    let stats: Option<CatalogStats> =
        world.store().get(CatalogStats::key_of(), store::Consistency::Strong).await.unwrap();
    assert_eq!((stats.unwrap().published_count, crate::setup::listed(&world).await), (1, 1));
}

#[tokio::test]
async fn one_video_raced_for_gets_into_one_lesson() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let section = section(&app, &teacher, &course).await;
    let film = crate::setup::video(&world, &teacher, domain::video::VideoStatus::Ready).await;
    let path = format!("{course}/sections/{section}/lessons");
    let body = json!({"kind": "video", "title": "x", "video_id": film});
    let apps = vec![app.clone(); 20];
    let tries = join_all(apps.iter().map(|app| app.post(&path, &teacher, body.clone()))).await;
    let (won, lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.expect_error(409, "VIDEO_IN_USE");
    }
    assert_eq!(app.get(&course, &teacher).await.expect(200).body["lesson_count"], 1);
}
