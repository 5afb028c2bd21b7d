//! Sections and lessons.

use domain::{
    commerce::{Source, SourceKey, Sources},
    video::VideoStatus,
};
use serde_json::{Value, json};
use store::entities::{LessonPlace, SectionPlace};
use testkit::shop;

use crate::setup::{column, course, enroll, lesson, published, section, stored, text_lesson, video, world};

#[tokio::test]
async fn sections_are_added_changed_ordered_and_deleted() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let first = app.post(&format!("{course}/sections"), &teacher, json!({"title": "One"})).await.expect(201);
    assert_eq!((&first.body["order"], first.calls), (&json!(1), 2));
    let one = first.text("id");
    let (two, three) = (section(&app, &teacher, &course).await, section(&app, &teacher, &course).await);

    let place = world.store().courses().section_place(two.parse().unwrap()).await.unwrap();
    let SectionPlace { instructor_id, course_id, .. } = place.unwrap();
    assert_eq!((instructor_id, course.ends_with(&course_id.to_string())), (teacher.id, true));

    let reorder = format!("{course}/sections/reorder");
    app.post(&reorder, &teacher, json!({"order": [three, one, two]})).await.expect(204);
    for wrong in [vec![&one, &two], vec![&one, &one, &two], vec![&one, &two, &three, &three]] {
        app.post(&reorder, &teacher, json!({"order": wrong})).await.expect_error(422, "VALIDATION_FAILED");
    }
    let path = format!("{course}/sections/{one}");
    let changed = app.patch(&path, &teacher, json!({"description": "Begin here"})).await.expect(200);
    assert_eq!((&changed.body["title"], &changed.body["order"]), (&json!("One"), &json!(2)));
    app.delete(&path, &teacher).await.expect(204);
    app.delete(&path, &teacher).await.expect_error(404, "SECTION_NOT_FOUND");
    assert!(world.store().courses().section_place(one.parse().unwrap()).await.unwrap().is_none());

    let listed = app.get(&format!("{course}/sections"), &teacher).await.expect(200);
    assert_eq!(column(&listed.body["results"], "id"), [three, two]);
    app.get(&format!("{course}/sections"), None).await.expect_error(404, "COURSE_NOT_FOUND");
}

#[tokio::test]
async fn lessons_keep_the_counts_of_their_course() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let ready = video(&world, &teacher, VideoStatus::Ready).await;
    let text = lesson(&app, &teacher, &course, &basics, text_lesson()).await;
    let film = json!({"kind": "video", "title": "Borrowing", "video_id": ready, "is_preview": true});
    let film = lesson(&app, &teacher, &course, &basics, film).await;
    let counts = async || {
        let body = app.get(&course, &teacher).await.expect(200).body;
        (body["lesson_count"].clone(), body["duration_seconds"].clone())
    };
    assert_eq!(counts().await, (json!(2), json!(690)));

    let attached = stored(&world, ready).await;
    assert_eq!(attached.lesson_id.unwrap().to_string(), film);
    assert_eq!(attached.section_id.unwrap().to_string(), basics);
    assert!(
        course.ends_with(&attached.course_id.unwrap().to_string()),
        "who watches is decided by the course"
    );
    let place = world.store().courses().lesson_place(film.parse().unwrap()).await.unwrap();
    let LessonPlace { section_id, instructor_id, .. } = place.unwrap();
    assert_eq!((section_id.to_string(), instructor_id), (basics.clone(), teacher.id));

    let order = format!("{course}/sections/{basics}/lessons/reorder");
    app.post(&order, &teacher, json!({"order": [film, text]})).await.expect(204);
    app.post(&order, &teacher, json!({"order": [film]})).await.expect_error(422, "VALIDATION_FAILED");
    let seen = app.get(&course, &teacher).await.expect(200);
    let lessons = &seen.body["curriculum"][0]["lessons"];
    assert_eq!(column(lessons, "id"), [film.clone(), text.clone()]);
    assert_eq!((&lessons[0]["duration_minutes"], &lessons[1]["duration_minutes"]), (&json!(10), &json!(2)));

    let path = format!("{course}/lessons/{text}");
    let changed =
        app.patch(&path, &teacher, json!({"content": "New", "duration_seconds": 30})).await.expect(200);
    assert_eq!((&changed.body["content"], counts().await.1), (&json!("New"), json!(630)));
    assert_eq!(app.patch(&path, &teacher, json!({"title": "T"})).await.expect(200).body["content"], "New");
    app.delete(&format!("{course}/sections/{basics}"), &teacher).await.expect_error(409, "SECTION_NOT_EMPTY");
    app.delete(&format!("{course}/lessons/{film}"), &teacher).await.expect(204);
    assert_eq!(counts().await, (json!(1), json!(30)));
    assert_eq!(stored(&world, ready).await.lesson_id, None);
    app.get(&format!("{course}/lessons/{film}"), &teacher).await.expect_error(404, "LESSON_NOT_FOUND");
    app.delete(&path, &teacher).await.expect(204);
    app.delete(&format!("{course}/sections/{basics}"), &teacher).await.expect(204);
}

#[tokio::test]
async fn a_lesson_takes_only_a_free_video_of_its_teacher() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let lessons = format!("{course}/sections/{basics}/lessons");
    let with = |video: Value| json!({"kind": "video", "title": "Borrowing", "video_id": video});

    let foreign = video(&world, &other, VideoStatus::Ready).await;
    for video in [json!(foreign), json!("01933b7a-3c5e-7000-8000-4f2d1c9a7b10")] {
        let refused = app.post(&lessons, &teacher, with(video)).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get("video_id").is_some());
    }
    let mine = video(&world, &teacher, VideoStatus::Ready).await;
    let first = lesson(&app, &teacher, &course, &basics, with(json!(mine))).await;
    app.post(&lessons, &teacher, with(json!(mine))).await.expect_error(409, "VIDEO_IN_USE");

    // Taken away and given to another lesson.
    let second = lesson(&app, &teacher, &course, &basics, with(Value::Null)).await;
    let (first, second) = (format!("{course}/lessons/{first}"), format!("{course}/lessons/{second}"));
    app.patch(&second, &teacher, json!({"video_id": mine})).await.expect_error(409, "VIDEO_IN_USE");
    app.patch(&first, &teacher, json!({"video_id": null})).await.expect(200);
    let moved = app.patch(&second, &teacher, json!({"video_id": mine})).await.expect(200);
    assert_eq!(moved.body["duration_seconds"], 600);
    assert_eq!(app.get(&course, &teacher).await.expect(200).body["duration_seconds"], 600);
    assert_eq!(format!("{course}/lessons/{}", stored(&world, mine).await.lesson_id.unwrap()), second);

    let elsewhere = crate::setup::course(&app, &teacher).await;
    let section = section(&app, &teacher, &elsewhere).await;
    app.patch(&second, &teacher, json!({"video_id": null})).await.expect(200);
    let path = format!("{elsewhere}/sections/{section}/lessons");
    app.post(&path, &teacher, with(json!(mine))).await.expect_error(409, "VIDEO_IN_USE");
}

#[tokio::test]
async fn a_deleted_course_gives_its_videos_back() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let mine = video(&world, &teacher, VideoStatus::Ready).await;
    let film = json!({"kind": "video", "title": "Borrowing", "video_id": mine});
    let next = async |course: &str| {
        let basics = section(&app, &teacher, course).await;
        app.post(&format!("{course}/sections/{basics}/lessons"), &teacher, film.clone()).await
    };
    let (first, second) = (course(&app, &teacher).await, course(&app, &teacher).await);
    next(&first).await.expect(201);
    next(&second).await.expect_error(409, "VIDEO_IN_USE");
    app.delete(&first, &teacher).await.expect(204);
    let lesson = next(&second).await.expect(201).text("id");
    let moved = stored(&world, mine).await;
    assert_eq!(moved.lesson_id.unwrap().to_string(), lesson);
    assert!(second.ends_with(&moved.course_id.unwrap().to_string()));

    // One that was deleted with students still shows it to them.
    app.post(&format!("{second}/publish"), &teacher, json!({})).await.expect(200);
    enroll(&world, &student, &second).await;
    app.delete(&second, &teacher).await.expect(204);
    let third = course(&app, &teacher).await;
    next(&third).await.expect_error(409, "VIDEO_IN_USE");
}

#[tokio::test]
async fn each_kind_has_its_own_fields() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let lessons = format!("{course}/sections/{basics}/lessons");
    let id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";
    for (body, field) in [
        (json!({"kind": "video", "title": "x", "content": "x"}), "content"),
        (json!({"kind": "video", "title": "x", "duration_seconds": 1}), "duration_seconds"),
        (json!({"kind": "text", "title": "x", "content": "x", "video_id": id}), "video_id"),
        (json!({"kind": "text", "title": "x"}), "content"),
        (json!({"kind": "text", "title": "x", "content": "  "}), "content"),
        (json!({"kind": "text", "title": "x", "content": "x".repeat(50_001)}), "content"),
        (
            json!({"kind": "text", "title": "x", "content": "x", "duration_seconds": 86_401}),
            "duration_seconds",
        ),
        (json!({"kind": "quiz", "title": "x"}), "quiz"),
        (json!({"kind": "song", "title": "x"}), "kind"),
        (json!({"kind": "video", "title": ""}), "title"),
        (json!({"kind": "video", "title": "x", "order": 1}), "order"),
    ] {
        let refused = app.post(&lessons, &teacher, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{field}: {:#}", refused.body);
    }
    let long =
        json!({"kind": "text", "title": "x", "content": "가".repeat(50_000), "duration_seconds": 86_400});
    let text = lesson(&app, &teacher, &course, &basics, long).await;
    let film = lesson(&app, &teacher, &course, &basics, json!({"kind": "video", "title": "x"})).await;
    for (id, body, field) in [
        (&text, json!({"video_id": id}), "video_id"),
        (&film, json!({"content": "x"}), "content"),
        (&film, json!({"duration_seconds": 5}), "duration_seconds"),
    ] {
        let refused = app.patch(&format!("{course}/lessons/{id}"), &teacher, body).await;
        let refused = refused.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{field}: {:#}", refused.body);
    }
    let nowhere = format!("{course}/sections/{id}/lessons");
    app.post(&nowhere, &teacher, text_lesson()).await.expect_error(404, "SECTION_NOT_FOUND");
}

#[tokio::test]
async fn lessons_are_for_subscribers_while_their_plan_goes_on() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = published(&app, &teacher).await;
    let changed = app.patch(&course, &teacher, json!({"in_plans": true})).await.expect(200);
    assert_eq!(changed.body["in_plans"], true);
    let seen = app.get(&course, &student).await.expect(200);
    assert_eq!((&seen.body["in_plans"], &seen.body["enrolled"]), (&json!(true), &json!(false)));
    let section = seen.body["curriculum"][0]["id"].as_str().unwrap().to_owned();
    let closed = lesson(&app, &teacher, &course, &section, text_lesson()).await;
    let closed = format!("{course}/lessons/{closed}");

    let mut place = enroll(&world, &student, &course).await;
    let source = Source { granted_at: world.ambient().now(), item_id: None };
    place.sources = Some(Sources::of(SourceKey::Plan, source));
    world.store().put(&place).await.unwrap();
    let plan = shop::subscribe(&world, &student, true).await;
    app.get(&closed, &student).await.expect(200);
    assert_eq!(app.get(&course, &student).await.expect(200).body["enrolled"], true);

    shop::lapse(&world, &plan).await;
    app.get(&closed, &student).await.expect_error(403, "PLAN_ENDED");
    let seen = app.get(&course, &student).await.expect(200);
    assert_eq!(seen.body["enrolled"], false);
    assert_eq!(seen.body["enrollment_id"], place.id.to_string(), "his place stays");
    place.sources = Some(Sources::of(SourceKey::Order(world.ambient().id()), source));
    world.store().put(&place).await.unwrap();
    app.get(&closed, &student).await.expect(200);
}

#[tokio::test]
async fn lessons_are_for_students_and_previews_for_all() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    let course = published(&app, &teacher).await;
    let section = app.get(&course, None).await.body["curriculum"][0]["id"].as_str().unwrap().to_owned();
    let ready = video(&world, &teacher, VideoStatus::Ready).await;
    let open = json!({"kind": "video", "title": "Trailer", "video_id": ready, "is_preview": true});
    let open = lesson(&app, &teacher, &course, &section, open).await;
    let film = video(&world, &teacher, VideoStatus::Published).await;
    let film = json!({"kind": "video", "title": "Borrowing", "video_id": film});
    let film = lesson(&app, &teacher, &course, &section, film).await;

    let urls = async |who: Option<&testkit::Caller>| {
        let seen = app.get(&course, who).await.expect(200);
        let lessons = seen.body["curriculum"][0]["lessons"].as_array().unwrap().clone();
        lessons.iter().map(|lesson| lesson["video_url"].is_string()).collect::<Vec<_>>()
    };
    assert_eq!(urls(None).await, [false, true, false]);
    assert_eq!(urls(Some(&student)).await, [false, true, false]);
    assert_eq!(urls(Some(&teacher)).await, [false, true, true]);
    let pupil = world.student().await;
    enroll(&world, &pupil, &course).await;
    assert_eq!(urls(Some(&pupil)).await, [false, true, true]);
    let seen = app.get(&course, &pupil).await.expect(200);
    assert_eq!((&seen.body["enrolled"], &seen.body["progress"]), (&json!(true), &json!(0)));
    assert!(seen.calls <= 4, "session, course, batch, enrolment: {}", seen.calls);
    let shown = app.get(&format!("{course}/lessons/{open}"), None).await.expect(200);
    assert_eq!(shown.text("video_url"), format!("https://learn.example/api/v1/media/videos/{ready}/play"));
    let closed = format!("{course}/lessons/{film}");
    app.get(&closed, None).await.expect_error(401, "NOT_AUTHENTICATED");
    app.get(&closed, &student).await.expect_error(403, "ENROLLMENT_REQUIRED");
    app.get(&closed, &teacher).await.expect(200);
    assert!(app.get(&closed, &pupil).await.expect(200).body["video_url"].is_string());

    // Who is enrolled keeps what he has; for all others the course is gone, and it can't be deleted.
    app.post(&format!("{course}/unpublish"), &teacher, json!({})).await.expect(200);
    app.get(&closed, &pupil).await.expect(200);
    app.get(&format!("{course}/lessons/{open}"), None).await.expect_error(404, "COURSE_NOT_FOUND");
    app.get(&closed, &student).await.expect_error(404, "COURSE_NOT_FOUND");

    // Nor by its deletion: it leaves its teacher's hands, and they go on learning.
    app.delete(&course, &teacher).await.expect(204);
    app.delete(&course, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
    app.get(&course, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
    app.get(&closed, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
    app.patch(&course, &teacher, json!({"title": "x"})).await.expect_error(404, "COURSE_NOT_FOUND");
    let own = app.get("/api/v1/instructor/courses", &teacher).await.expect(200);
    assert_eq!(own.body["results"], json!([]));
    assert!(app.get(&closed, &pupil).await.expect(200).body["video_url"].is_string());
    let slug =
        app.post("/api/v1/courses", &teacher, crate::setup::rust_course()).await.expect(201).text("slug");
    assert_ne!(slug, "rust-for-everyone", "the students' links keep working");
}
