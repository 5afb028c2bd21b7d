//! The whole curriculum in one call.

use std::collections::HashSet;

use domain::video::VideoStatus;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{App, Caller};

use crate::setup::{column, course, lesson, section, stored, text_lesson, video, world};

/// The ids of the lessons of each section, in their order.
async fn lessons(app: &App, teacher: &Caller, course: &str) -> Vec<(String, Vec<String>)> {
    let seen = app.get(course, teacher).await.expect(200).body;
    let sections = seen["curriculum"].as_array().unwrap();
    let section = |one: &Value| (one["id"].as_str().unwrap().to_owned(), column(&one["lessons"], "id"));
    sections.iter().map(section).collect()
}

#[tokio::test]
async fn lessons_move_between_sections_with_their_videos() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let (one, two) = (section(&app, &teacher, &course).await, section(&app, &teacher, &course).await);
    let ready = video(&world, &teacher, VideoStatus::Ready).await;
    let a = lesson(&app, &teacher, &course, &one, text_lesson()).await;
    let film = json!({"kind": "video", "title": "Film", "video_id": ready});
    let b = lesson(&app, &teacher, &course, &one, film).await;
    let c = lesson(&app, &teacher, &course, &two, text_lesson()).await;
    let before = app.get(&course, &teacher).await.expect(200).body;

    let path = format!("{course}/sections/reorder");
    let body = json!({"order": [two, one], "lessons": [
        {"section_id": one, "order": [a]}, {"section_id": two, "order": [b, c]},
    ]});
    let done = app.post(&path, &teacher, body.clone()).await.expect(204);
    assert_eq!(done.calls, 4, "course, curriculum, video, transaction; the session is remembered");
    let there = [(two.clone(), vec![b.clone(), c.clone()]), (one.clone(), vec![a.clone()])];
    assert_eq!(lessons(&app, &teacher, &course).await, there);
    let after = app.get(&course, &teacher).await.expect(200).body;
    for field in ["lesson_count", "duration_seconds", "section_count"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    let moved = app.get(&format!("{course}/lessons/{b}"), &teacher).await.expect(200);
    assert_eq!(moved.text("section_id"), two);
    let place = world.store().courses().lesson_place(b.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(place.section_id.to_string(), two);
    assert_eq!(stored(&world, ready).await.section_id.unwrap().to_string(), two);
    // It is done with as any lesson of its section.
    app.post(&path, &teacher, body).await.expect(204);
    app.delete(&format!("{course}/lessons/{b}"), &teacher).await.expect(204);
    app.delete(&format!("{course}/lessons/{a}"), &teacher).await.expect(204);
    app.delete(&format!("{course}/sections/{one}"), &teacher).await.expect(204);
    assert_eq!(lessons(&app, &teacher, &course).await, [(two, vec![c])]);
}

#[tokio::test]
async fn an_order_names_each_lesson_once() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let (one, two) = (section(&app, &teacher, &course).await, section(&app, &teacher, &course).await);
    let a = lesson(&app, &teacher, &course, &one, text_lesson()).await;
    let b = lesson(&app, &teacher, &course, &two, text_lesson()).await;
    let other = crate::setup::course(&app, &teacher).await;
    let elsewhere = section(&app, &teacher, &other).await;
    let foreign = lesson(&app, &teacher, &other, &elsewhere, text_lesson()).await;
    let before = lessons(&app, &teacher, &course).await;
    let path = format!("{course}/sections/reorder");
    let reorder = async |lessons: Value| {
        app.post(&path, &teacher, json!({"order": [one, two], "lessons": lessons})).await
    };
    for (wrong, field) in [
        (json!([{"section_id": one, "order": []}]), "order"),
        (json!([{"section_id": one, "order": [a, a]}]), "order"),
        (json!([{"section_id": one, "order": [a, b]}]), "order"),
        (json!([{"section_id": one, "order": [foreign]}]), "order"),
        (json!([{"section_id": one, "order": [a]}, {"section_id": one, "order": [a]}]), "lessons"),
        (json!([{"section_id": one, "order": ["x"]}]), "lessons[0].order[0]"),
        (json!([{"section_id": one}]), "lessons[0].order"),
        (json!([{"section_id": one, "order": [], "title": "x"}]), "lessons[0].title"),
        (json!({"one": [a]}), "lessons"),
    ] {
        let refused = reorder(wrong).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{field}: {:#}", refused.body);
    }
    let away = json!([{"section_id": elsewhere, "order": [a]}]);
    reorder(away).await.expect_error(404, "SECTION_NOT_FOUND");
    assert_eq!(lessons(&app, &teacher, &course).await, before);
}

#[tokio::test]
async fn more_than_one_transaction_holds_is_refused() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let (one, two) = (section(&app, &teacher, &course).await, section(&app, &teacher, &course).await);
    let mut all = Vec::new();
    for _ in 0..49 {
        all.push(lesson(&app, &teacher, &course, &one, text_lesson()).await);
    }
    let path = format!("{course}/sections/reorder");
    let moving = |count: usize| {
        json!({"order": [one, two], "lessons": [
            {"section_id": one, "order": all[count..]}, {"section_id": two, "order": all[..count]},
        ]})
    };
    let refused = app.post(&path, &teacher, moving(49)).await.expect_error(422, "VALIDATION_FAILED");
    assert!(refused.body["error"]["details"].get("lessons").is_some(), "{:#}", refused.body);
    // Two sections, and two items of each lesson: 99 with the course.
    app.post(&path, &teacher, moving(48)).await.expect(204);
    assert_eq!(lessons(&app, &teacher, &course).await[1].1, all[..48]);
}

#[tokio::test]
async fn moves_at_once_lose_no_lesson() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let (one, two) = (section(&app, &teacher, &course).await, section(&app, &teacher, &course).await);
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(lesson(&app, &teacher, &course, &one, text_lesson()).await);
    }
    let path = format!("{course}/sections/reorder");
    let apps = vec![app.clone(); 30];
    let moves = join_all(apps.iter().enumerate().map(async |(number, app)| {
        let mut turned = all.clone();
        turned.rotate_left(number % 6);
        let (left, right) = turned.split_at(number % 7);
        let body = json!({"order": [two, one], "lessons": [
            {"section_id": one, "order": left}, {"section_id": two, "order": right},
        ]});
        app.post(&path, &teacher, body).await
    }));
    let more = join_all((0..4).map(|_| lesson(&app, &teacher, &course, &one, text_lesson())));
    let (moves, added) = futures::join!(moves, more);
    // An order that does not name a lesson which was added meanwhile is refused, never written.
    for reply in moves {
        assert!(reply.status == 204 || reply.code() == "VALIDATION_FAILED", "{:#}", reply.body);
    }
    let there = lessons(&app, &teacher, &course).await;
    let flat: Vec<_> = there.iter().flat_map(|(_, lessons)| lessons.clone()).collect();
    let wanted: HashSet<_> = all.into_iter().chain(added).collect();
    assert_eq!(flat.len(), 10, "each once");
    assert_eq!(flat.into_iter().collect::<HashSet<_>>(), wanted);
    for (section, lessons) in there {
        for id in lessons {
            let seen = app.get(&format!("{course}/lessons/{id}"), &teacher).await.expect(200);
            assert_eq!(seen.text("section_id"), section, "the lesson says the same as its section");
        }
    }
}
