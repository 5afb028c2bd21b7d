//! Whole courses as drafts and documents.

use std::collections::HashSet;

use domain::{
    course::{COPIES_PER_HOUR, LessonKind},
    video::VideoStatus,
};
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use store::entities::{
    Video,
    belongings::Part,
    section::{NewLesson, NewSection},
};
use testkit::{App, Caller, World, fixtures};

use crate::setup::{
    column, course, enroll, lesson, quiz_lesson, rust_course, section, stored, text_lesson, video,
    with_header, world,
};

/// A course with two sections: a film and a text, a quiz and a second text.
async fn whole(world: &World, app: &App, teacher: &Caller) -> (String, Video) {
    let path = course(app, teacher).await;
    app.patch(&path, teacher, json!({"tags": ["rust"], "outcomes": ["Borrow"], "level": "advanced"}))
        .await
        .expect(200);
    let (first, second) = (section(app, teacher, &path).await, section(app, teacher, &path).await);
    let id = video(world, teacher, VideoStatus::Ready).await;
    let film = json!({"kind": "video", "title": "Film", "video_id": id});
    lesson(app, teacher, &path, &first, film).await;
    lesson(app, teacher, &path, &first, text_lesson()).await;
    lesson(app, teacher, &path, &second, quiz_lesson()).await;
    lesson(app, teacher, &path, &second, text_lesson()).await;
    app.post(&format!("{path}/publish"), teacher, json!({})).await.expect(200);
    (path, stored(world, id).await)
}

#[tokio::test]
async fn a_duplicate_is_a_draft_with_all_but_students() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let (path, film) = whole(&world, &app, &teacher).await;
    let duplicate = format!("{path}/duplicate");
    app.post(&duplicate, &other, json!({})).await.expect_error(404, "COURSE_NOT_FOUND");
    let made = app.post(&duplicate, &teacher, json!({})).await.expect(201);
    assert!(
        made.calls <= 10,
        "session, outline, materials, rate, draft, two a section, showing: {}",
        made.calls
    );
    assert_eq!(
        (made.text("title"), made.text("status")),
        ("Rust for Everyone (copy)".into(), "draft".into())
    );
    assert_eq!((&made.body["left_out"], &made.body["lesson_count"]), (&json!([]), &json!(4)));
    assert_ne!(made.text("slug"), "rust-for-everyone");

    let copy = format!("/api/v1/courses/{}", made.text("id"));
    let (before, after) = (app.get(&path, &teacher).await.body, app.get(&copy, &teacher).await.body);
    for field in ["description", "level", "tags", "outcomes", "duration_seconds", "section_count"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    for at in 0..2 {
        let (before, after) = (&before["curriculum"][at], &after["curriculum"][at]);
        assert_eq!(column(&before["lessons"], "title"), column(&after["lessons"], "title"));
        assert_ne!(before["id"], after["id"]);
    }
    let quiz = after["curriculum"][1]["lessons"][0]["id"].as_str().unwrap();
    let seen = app.get(&format!("{copy}/lessons/{quiz}"), &teacher).await.expect(200);
    assert_eq!(seen.body["quiz"]["solutions"][0]["explanation"], "SECRET-1");

    // The film is in both, and in the place where it was.
    let shared = stored(&world, film.id).await;
    assert_eq!((shared.lesson_id, shared.course_id), (film.lesson_id, film.course_id));
    assert!(shared.is_in(made.text("id").parse().unwrap()) && shared.is_in(film.course_id.unwrap()));
    assert_eq!(shared.lessons().count(), 2, "playback finds it as a preview of either");
    app.post(&format!("{copy}/publish"), &teacher, json!({})).await.expect(200);
    let student = world.student().await;
    enroll(&world, &student, &copy).await;
    let first = app.get(&copy, &student).await.body["curriculum"][0]["lessons"][0].clone();
    assert_eq!(first["video_id"], json!(film.id));
    // Deleted in the copy, it stays where it was.
    let path = format!("{copy}/lessons/{}", first["id"].as_str().unwrap());
    app.delete(&path, &teacher).await.expect(204);
    assert_eq!(stored(&world, film.id).await.lesson_id, film.lesson_id);
    // It can be shown there again, in one lesson.
    let basics = after["curriculum"][0]["id"].as_str().unwrap();
    let lessons = format!("{copy}/sections/{basics}/lessons");
    let again = json!({"kind": "video", "title": "Film", "video_id": film.id});
    app.post(&lessons, &teacher, again.clone()).await.expect(201);
    app.post(&lessons, &teacher, again.clone()).await.expect_error(409, "VIDEO_IN_USE");
    let now = stored(&world, film.id).await;
    assert_eq!((now.lesson_id, now.course_id), (film.lesson_id, film.course_id));
    let lessons = &app.get(&copy, &student).await.body["curriculum"][0]["lessons"];
    assert_eq!(lessons[1]["video_id"], json!(film.id));
}

#[tokio::test]
async fn an_export_comes_back_by_an_import() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let (path, film) = whole(&world, &app, &teacher).await;
    let export = format!("{path}/export");
    app.get(&export, &other).await.expect_error(404, "COURSE_NOT_FOUND");
    let document = app.get(&export, &teacher).await.expect(200);
    assert!(document.calls <= 3, "outline, materials, videos: {}", document.calls);
    let document = document.body;
    assert_eq!(document["sections"][0]["lessons"][0]["video"]["id"], json!(film.id));
    assert_eq!(
        document["sections"][1]["lessons"][0]["quiz"]["questions"][1]["answer"]["correct"],
        json!([1, 3])
    );

    let mine = app.post("/api/v1/courses/import", &teacher, document.clone()).await.expect(201);
    assert_eq!((&mine.body["left_out"], &mine.body["lesson_count"]), (&json!([]), &json!(4)));
    let again =
        app.get(&format!("/api/v1/courses/{}/export", mine.text("id")), &teacher).await.expect(200).body;
    assert_eq!(again["course"], document["course"]);
    assert_eq!(again["sections"][1], document["sections"][1]);

    // A course shows a film once.
    let mut twice = document.clone();
    let film_lesson = twice["sections"][0]["lessons"][0].clone();
    twice["sections"][0]["lessons"].as_array_mut().unwrap().push(film_lesson.clone());
    twice["sections"][1]["lessons"].as_array_mut().unwrap().push(film_lesson);
    let made = app.post("/api/v1/courses/import", &teacher, twice).await.expect(201);
    assert_eq!(column(&made.body["left_out"], "what"), ["video", "video"]);

    // With another the film stays away, and he is told so.
    let theirs = app.post("/api/v1/courses/import", &other, document).await.expect(201);
    assert_eq!(theirs.body["left_out"][0]["what"], "video");
    assert_eq!(theirs.body["left_out"][0]["title"], "Film");
    assert!(!stored(&world, film.id).await.is_in(theirs.text("id").parse().unwrap()));
}

#[tokio::test]
async fn a_document_obeys_the_rules_of_its_parts() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let import = async |change: fn(&mut Value)| {
        let lesson = json!({"kind": "text", "title": "T", "content": "x"});
        let mut body = json!({
            "format": 1, "course": rust_course(), "sections": [{"title": "S", "lessons": [lesson]}],
        });
        change(&mut body);
        app.post("/api/v1/courses/import", &teacher, body).await
    };
    import(|_| {}).await.expect(201);
    type Case = (fn(&mut Value), &'static str);
    let cases: [Case; 8] = [
        (|body| body["format"] = json!(2), "format"),
        (|body| body["course"]["title"] = json!(" "), "course.title"),
        (|body| body["course"]["price"] = json!(-1), "course.price"),
        (|body| body["course"]["original_price"] = json!(-1), "course.original_price"),
        (|body| body["sections"][0]["title"] = json!(""), "sections[0].title"),
        (|body| body["sections"][0]["lessons"][0]["content"] = json!(""), "sections[0].lessons[0].content"),
        (|body| body["sections"][0]["lessons"][0]["kind"] = json!("video"), "sections[0].lessons[0].content"),
        (|body| body["sections"] = json!(vec![json!({"title": "S"}); 101]), "sections"),
    ];
    for (change, field) in cases {
        let refused = import(change).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{field}: {:#}", refused.body);
    }
    let lessons = |count: usize| vec![json!({"kind": "text", "title": "T", "content": "x"}); count];
    let body = |count| json!({"format": 1, "course": rust_course(), "sections": [{"title": "S", "lessons": lessons(count)}]});
    let count = async || {
        let own = app.get("/api/v1/instructor/courses?page_size=100", &teacher).await.expect(200);
        own.body["results"].as_array().unwrap().len()
    };
    let before = count().await;
    app.post("/api/v1/courses/import", &teacher, body(501)).await.expect_error(409, "TOO_MANY_LESSONS");
    assert_eq!(count().await, before, "no part of it stays");
    let largest = app.post("/api/v1/courses/import", &teacher, body(500)).await.expect(201);
    assert_eq!(largest.body["lesson_count"], 500);
    let named = json!({"title": "Import"});
    assert_eq!(app.post("/api/v1/courses", &teacher, named).await.expect(201).text("slug"), "course-import");
}

#[tokio::test]
async fn a_repeated_copy_is_made_once() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (path, _) = whole(&world, &app, &teacher).await;
    let send = async |path: &str, body: Value| {
        with_header(&app, (Method::POST, path), &teacher, ("idempotency-key", "one"), body).await
    };
    let duplicate = format!("{path}/duplicate");
    let first = send(&duplicate, json!({})).await.expect(201).body;
    assert_eq!(send(&duplicate, json!({})).await.expect(201).body, first);
    let document = app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    let import = "/api/v1/courses/import";
    let second = send(import, document.clone()).await.expect(201).body;
    assert_eq!(send(import, document.clone()).await.expect(201).body, second);
    let mut other = document;
    other["course"]["title"] = json!("Other");
    send(import, other).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
    let own = app.get("/api/v1/instructor/courses", &teacher).await.expect(200).body;
    assert_eq!(own["results"].as_array().unwrap().len(), 3);
}

/// Sections of 20 text lessons each, more than one transaction makes.
fn sections(world: &World, count: usize) -> Vec<NewSection> {
    let lesson = |section_id| NewLesson {
        id: world.ambient().id(),
        section_id,
        kind: LessonKind::Text,
        title: "T".into(),
        description: String::new(),
        content: Some("x".into()),
        quiz: None,
        resources: Vec::new(),
        video_id: None,
        duration_seconds: Some(10),
        is_preview: false,
        schedule: Default::default(),
    };
    let section = |_| {
        let id = world.ambient().id();
        let lessons = (0..20).map(|_| lesson(id)).collect();
        NewSection { id, title: "S".into(), description: String::new(), lessons }
    };
    (0..count).map(section).collect()
}

#[tokio::test]
async fn a_copy_that_died_is_seen_by_nobody_and_the_next_attempt_goes_on() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (courses, now) = (world.store().courses(), world.ambient().now());
    let (draft, sections) = (fixtures::course(&world, &teacher), sections(&world, 3));
    // It dies in the middle of a section, and once more after the last one.
    let mut part = sections[..2].to_vec();
    part[1].lessons.truncate(18);
    for made in [&part, &sections] {
        let begun = courses.begin_copy(&draft, made, now).await.unwrap();
        let filled = courses.fill(begun, made, now).await.unwrap();
        let lessons: usize = made.iter().map(|section| section.lessons.len()).sum();
        assert_eq!(filled.course.lesson_count as usize, lessons, "nothing is made twice");
        assert_eq!(filled.course.duration_seconds, 10 * lessons as u64);
        let path = format!("/api/v1/courses/{}", draft.id);
        app.get(&path, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
        app.patch(&path, &teacher, json!({"title": "x"})).await.expect_error(404, "COURSE_NOT_FOUND");
        app.post(&format!("{path}/publish"), &teacher, json!({})).await.expect_error(404, "COURSE_NOT_FOUND");
        let own = app.get("/api/v1/instructor/courses", &teacher).await.expect(200);
        assert_eq!(own.body["results"], json!([]));
        app.get(&format!("/api/v1/courses/{}", draft.slug), &teacher)
            .await
            .expect_error(404, "COURSE_NOT_FOUND");
        // The erasure of his account finds it.
        let left = world.store().belongings().all(&Part::DeletedCourses(teacher.id)).await.unwrap();
        assert_eq!(left.len(), 1);
    }
    let begun = courses.begin_copy(&draft, &sections, now).await.unwrap();
    let hidden = courses.fill(begun, &sections, now).await.unwrap().course;
    let shown = courses.show_copy(&hidden, &[], now).await.unwrap().unwrap();
    let seen = app.get(&format!("/api/v1/courses/{}", draft.slug), &teacher).await.expect(200);
    assert_eq!((&seen.body["lesson_count"], &seen.body["status"]), (&json!(60), &json!("draft")));
    for (section, view) in sections.iter().zip(seen.body["curriculum"].as_array().unwrap()) {
        let ids: Vec<_> = section.lessons.iter().map(|lesson| lesson.id.to_string()).collect();
        assert_eq!(column(&view["lessons"], "id"), ids);
    }
    // The answer was lost: what there is comes again.
    let begun = courses.begin_copy(&draft, &sections, now).await.unwrap();
    let again = courses.fill(begun, &sections, now).await.unwrap();
    assert_eq!((again.course.revision, again.without_video.len()), (shown.revision, 0));
    assert_eq!(courses.show_copy(&hidden, &[], now).await.unwrap().unwrap().revision, shown.revision);
    assert!(world.store().belongings().all(&Part::DeletedCourses(teacher.id)).await.unwrap().is_empty());
}

#[tokio::test]
async fn copies_of_one_title_made_at_once_have_slugs_of_their_own() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (path, film) = whole(&world, &app, &teacher).await;
    let (duplicate, apps) = (format!("{path}/duplicate"), vec![app.clone(); 8]);
    let made = join_all(apps.iter().map(|app| app.post(&duplicate, &teacher, json!({})))).await;
    let slugs: HashSet<_> = made.into_iter().map(|reply| reply.expect(201).text("slug")).collect();
    assert_eq!(slugs.len(), 8);
    assert_eq!(stored(&world, film.id).await.shared_with.len(), 8);
}

#[tokio::test]
async fn a_document_has_at_most_five_megabytes_and_a_bounded_depth() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let import = "/api/v1/courses/import";
    let document = |lessons: usize| {
        let lesson = json!({"kind": "text", "title": "T", "content": "x".repeat(50_000)});
        json!({"format": 1, "course": rust_course(), "sections": [{"title": "S", "lessons": vec![lesson; lessons]}]})
    };
    // Above what other bodies may have: what is exported comes back.
    let made = app.post(import, &teacher, document(98)).await.expect(201);
    let path = format!("/api/v1/courses/{}", made.text("id"));
    let exported = app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    app.post(import, &teacher, exported).await.expect(201);
    app.post(import, &teacher, document(101)).await.expect_error(413, "BODY_TOO_LARGE");
    // What does not fit into one document is told so.
    let section = app.get(&path, &teacher).await.body["curriculum"][0]["id"].as_str().unwrap().to_owned();
    for _ in 0..3 {
        lesson(
            &app,
            &teacher,
            &path,
            &section,
            json!({"kind": "text", "title": "T", "content": "x".repeat(50_000)}),
        )
        .await;
    }
    app.get(&format!("{path}/export"), &teacher).await.expect_error(409, "COURSE_TOO_LARGE");

    let deep = "[".repeat(100_000);
    for body in [
        deep.clone(),
        format!(r#"{{"format": 1, "course": {{"title": "x"}}, "sections": {deep}"#),
        format!(
            r#"{{"format": 1, "course": {{"title": "x"}}, "sections": [{{"title": "S", "lessons": [{{"kind": "quiz", "title": "T", "quiz": {{"questions": [{{"text": "?", "answer": {deep}"#
        ),
    ] {
        let request =
            http::Request::post(import).header("authorization", format!("Bearer {}", teacher.token));
        let reply = app.send(request.body(axum::body::Body::from(body)).unwrap()).await;
        assert!(matches!(reply.status.as_u16(), 400 | 422), "{:#}", reply.body);
    }
}

#[tokio::test]
async fn a_teacher_makes_so_many_copies_in_an_hour() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let import = "/api/v1/courses/import";
    let document = json!({"format": 1, "course": rust_course()});
    for _ in 0..COPIES_PER_HOUR {
        app.post(import, &teacher, document.clone()).await.expect(201);
    }
    app.post(import, &teacher, document.clone()).await.expect_error(429, "RATE_LIMITED");
    app.post(import, &other, document.clone()).await.expect(201);
    world.advance(jiff::SignedDuration::from_hours(1));
    let teacher = world.login(teacher.id).await;
    app.post(import, &teacher, document).await.expect(201);
}
