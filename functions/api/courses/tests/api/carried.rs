//! Files of lessons in copies of courses, with an S3 of their own.

use domain::course::{
    LessonKind,
    resource::{COPIED_MAX, RESOURCES_MAX},
};
use futures::future::join_all;
use http::Method;
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::entities::{
    Resource,
    section::{NewLesson, NewSection},
};
use testkit::{
    App, Caller, Reply, World,
    aws::{AwsServer, NOWHERE, cloud_at},
    fixtures,
};

use crate::{
    resources::{loose, new, upload},
    setup::{UPLOADS, app_with, column, course, id_in, lesson, section, text_lesson, with_header},
};

const IMPORT: &str = "/api/v1/courses/import";

/// A world with an S3.
async fn stage() -> (AwsServer, World, App) {
    let aws = AwsServer::start("s3");
    aws.make_bucket(UPLOADS);
    let world = World::new().await;
    let app = app_with(&world, &aws.url());
    (aws, world, app)
}

/// Gives a lesson a file; its id.
async fn give(aws: &AwsServer, app: &App, teacher: &Caller, course: &str, lesson: &str) -> String {
    let id = upload(aws, app, teacher, course).await;
    app.post(&format!("{course}/lessons/{lesson}/resources"), teacher, new(&id)).await.expect(201);
    id
}

/// A published course with a text that has two files, and a lesson of kind file with one.
async fn with_files(aws: &AwsServer, app: &App, teacher: &Caller) -> String {
    let path = course(app, teacher).await;
    let basics = section(app, teacher, &path).await;
    let text = lesson(app, teacher, &path, &basics, text_lesson()).await;
    let slides = lesson(app, teacher, &path, &basics, json!({"kind": "file", "title": "Slides"})).await;
    for lesson in [&text, &text, &slides] {
        give(aws, app, teacher, &path, lesson).await;
    }
    app.post(&format!("{path}/publish"), teacher, json!({})).await.expect(200);
    path
}

/// The keys of a course's files.
async fn keys(aws: &AwsServer, course: &str) -> Vec<String> {
    cloud_at(&aws.url()).objects().list(UPLOADS, &Resource::folder(id_in(course)), 1_000).await.unwrap()
}

fn path_of(made: &Reply) -> String {
    format!("/api/v1/courses/{}", made.text("id"))
}

/// That the copy's lessons have three files of their own which can be had.
async fn expect_files(aws: &AwsServer, world: &World, app: &App, teacher: &Caller, made: &Reply) {
    assert_eq!(made.body["left_out"], json!([]));
    let copy = path_of(made);
    let kept = keys(aws, &copy).await;
    assert_eq!(kept.len(), 3);
    assert!(loose(world).await.is_empty(), "the janitor removes none");
    let lessons = app.get(&copy, teacher).await.expect(200).body["curriculum"][0]["lessons"].clone();
    let objects = cloud_at(&aws.url()).objects();
    for (at, count) in [(0usize, 2usize), (1, 1)] {
        assert_eq!(lessons[at]["resource_count"], count);
        let lesson = format!("{copy}/lessons/{}", lessons[at]["id"].as_str().unwrap());
        let files = app.get(&lesson, teacher).await.expect(200).body["resources"].clone();
        assert_eq!(column(&files, "file_name"), vec!["슬라이드.pdf"; count]);
        for id in column(&files, "id") {
            let link = app.get(&format!("{lesson}/resources/{id}"), teacher).await.expect(200);
            let key = Resource::object_key(id_in(&copy), id.parse().unwrap());
            assert!(kept.contains(&key) && link.text("url").contains(&key), "{key}");
            assert_eq!(objects.read(UPLOADS, &key).await.unwrap(), b"slides");
            let head = objects.head(UPLOADS, &key).await.unwrap();
            assert_eq!(head.content_type.as_deref(), Some("application/pdf"));
        }
    }
}

#[tokio::test]
async fn a_copy_has_files_of_its_own() {
    let (aws, world, app) = stage().await;
    let teacher = world.instructor().await;
    let path = with_files(&aws, &app, &teacher).await;
    let made = app.post(&format!("{path}/duplicate"), &teacher, json!({})).await.expect(201);
    assert!(
        made.calls <= 12,
        "session, outline, materials, rate, draft, lists, their courses, reminders, two a section, showing: {}",
        made.calls
    );
    expect_files(&aws, &world, &app, &teacher, &made).await;
    let copy = path_of(&made);
    app.post(&format!("{copy}/publish"), &teacher, json!({})).await.expect(200);

    let document = app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    let imported = app.post(IMPORT, &teacher, document).await.expect(201);
    expect_files(&aws, &world, &app, &teacher, &imported).await;

    // What the course loses, its copies keep.
    let lessons = app.get(&path, &teacher).await.body["curriculum"][0]["lessons"].clone();
    app.post(&format!("{path}/unpublish"), &teacher, json!({})).await.expect(200);
    for id in column(&lessons, "id") {
        app.delete(&format!("{path}/lessons/{id}"), &teacher).await.expect(204);
    }
    let removed = loose(&world).await;
    assert_eq!(removed.len(), 3);
    assert!(removed.iter().all(|subject| path.ends_with(subject.split('/').next().unwrap())));
}

#[tokio::test]
async fn only_files_of_the_callers_courses_are_taken_over() {
    let (aws, world, app) = stage().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let path = with_files(&aws, &app, &teacher).await;
    let document = app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    let without = async |caller: &Caller, document: Value| {
        let made = app.post(IMPORT, caller, document).await.expect(201);
        (column(&made.body["left_out"], "what"), keys(&aws, &path_of(&made)).await.len())
    };
    // Another gets none of them.
    assert_eq!(without(&other, document.clone()).await, (vec!["files".to_owned(); 2], 0));

    // A document can neither name another file nor another lesson, and its own words do not count.
    let change = |change: fn(&mut Value)| {
        let mut changed = document.clone();
        change(&mut changed["sections"][0]["lessons"][1]["files"][0]);
        changed
    };
    let unknown = change(|file| file["id"] = json!("01933b7a-3c5e-7000-8000-4f2d1c9a7b10"));
    assert_eq!(without(&teacher, unknown).await, (vec!["files".to_owned()], 2));
    let elsewhere = change(|file| file["lesson_id"] = json!("01933b7a-3c5e-7000-8000-4f2d1c9a7b10"));
    assert_eq!(without(&teacher, elsewhere).await, (vec!["files".to_owned()], 2));
    let old = change(|file| file["lesson_id"] = json!(null));
    assert_eq!(without(&teacher, old).await, (vec!["files".to_owned()], 2));
    let renamed = change(|file| {
        file["file_name"] = json!("../../x.exe");
        file["size"] = json!(0);
    });
    let made = app.post(IMPORT, &teacher, renamed).await.expect(201);
    expect_files(&aws, &world, &app, &teacher, &made).await;

    // A file that is gone from the bucket, and a course that he deleted.
    let gone = &keys(&aws, &path).await[0];
    cloud_at(&aws.url()).objects().delete(UPLOADS, gone).await.unwrap();
    let (left_out, count) = without(&teacher, document.clone()).await;
    assert_eq!((left_out.len(), count), (1, 2));
    assert_eq!(loose(&world).await.len(), 1, "the janitor looks for what may have come");
    app.delete(&path, &teacher).await.expect(204);
    assert_eq!(without(&teacher, document.clone()).await, (vec!["files".to_owned(); 2], 0));

    let mut many = document;
    let file = many["sections"][0]["lessons"][0]["files"][0].clone();
    many["sections"][0]["lessons"][0]["files"] = json!(vec![file; RESOURCES_MAX + 1]);
    let refused = app.post(IMPORT, &teacher, many).await.expect_error(422, "VALIDATION_FAILED");
    assert!(refused.body["error"]["details"].get("sections[0].lessons[0].files").is_some());
}

#[tokio::test]
async fn a_copy_takes_over_so_many_files_and_tells_what_stays() {
    let (aws, world, app) = stage().await;
    let teacher = world.instructor().await;
    let path = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &path).await;
    let first = lesson(&app, &teacher, &path, &basics, text_lesson()).await;
    give(&aws, &app, &teacher, &path, &first).await;
    let mut document = app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    // One file in as many places as are allowed, and in one more.
    let mut lesson = document["sections"][0]["lessons"][0].clone();
    let file = lesson["files"][0].clone();
    let mut lessons = Vec::new();
    let mut rest = COPIED_MAX + 1;
    while rest > 0 {
        let count = rest.min(RESOURCES_MAX);
        lesson["files"] = json!(vec![file.clone(); count]);
        lessons.push(lesson.clone());
        rest -= count;
    }
    let last = lessons.len() - 1;
    document["sections"][0]["lessons"] = json!(lessons);
    let made = app.post(IMPORT, &teacher, document).await.expect(201);
    assert_eq!(column(&made.body["left_out"], "what"), ["files"]);
    assert_eq!(keys(&aws, &path_of(&made)).await.len(), COPIED_MAX);
    assert!(loose(&world).await.is_empty());
    let lessons = app.get(&path_of(&made), &teacher).await.body["curriculum"][0]["lessons"].clone();
    assert_eq!(made.body["left_out"][0]["lesson_id"], lessons[last]["id"]);
    assert_eq!(lessons[last]["resource_count"], COPIED_MAX % RESOURCES_MAX);
}

#[tokio::test]
async fn an_attempt_that_failed_leaves_what_the_janitor_removes_and_the_next_takes_it_back() {
    let (aws, world, app) = stage().await;
    let teacher = world.instructor().await;
    let path = with_files(&aws, &app, &teacher).await;
    let duplicate = format!("{path}/duplicate");
    let send = async |app: &App, teacher: &Caller, key: &str| {
        with_header(app, (Method::POST, &duplicate), teacher, ("idempotency-key", key), json!({})).await
    };
    // No S3 answers there.
    let dead = ["one", "two"].map(|key| (key, app_with(&world, NOWHERE)));
    let failed = join_all(dead.iter().map(|(key, app)| send(app, &teacher, key))).await;
    assert!(failed.iter().all(|reply| reply.status == 500));
    assert_eq!(loose(&world).await.len(), 6, "before anything is copied");
    let own = app.get("/api/v1/instructor/courses", &teacher).await.expect(200).body;
    assert_eq!(own["results"].as_array().unwrap().len(), 1);

    let made = send(&app, &teacher, "one").await.expect(201);
    assert_eq!(loose(&world).await.len(), 3, "those of the other request");
    assert_eq!(send(&app, &teacher, "one").await.expect(201).body, made.body);
    assert_eq!(keys(&aws, &path_of(&made)).await.len(), 3);

    // The janitor may be on its way to the files of the other one.
    world.advance(SignedDuration::from_hours(23));
    let teacher = world.login(teacher.id).await;
    send(&app, &teacher, "two").await.expect_error(409, "COPY_TOO_OLD");
}

/// A draft with one text lesson that gets these files.
fn plan(world: &World, lesson_id: Id<kinds::Lesson>, files: &[Id<kinds::Resource>]) -> NewSection {
    let now = world.ambient().now();
    let file = |id: &Id<kinds::Resource>| Resource {
        id: *id,
        title: "Slides".into(),
        file_name: "slides.pdf".into(),
        content_type: "application/pdf".into(),
        size: 6,
        added_at: now,
    };
    let section_id = lesson_id.derived(0);
    let lesson = NewLesson {
        id: lesson_id,
        section_id,
        kind: LessonKind::File,
        title: "T".into(),
        description: String::new(),
        content: None,
        quiz: None,
        resources: files.iter().map(file).collect(),
        video_id: None,
        duration_seconds: None,
        is_preview: false,
        schedule: Default::default(),
    };
    NewSection { id: section_id, title: "S".into(), description: String::new(), lessons: vec![lesson] }
}

#[tokio::test]
async fn a_copy_that_died_with_its_files_in_place_is_shown_with_them_and_no_reminder_comes_back() {
    let world = World::new().await;
    let teacher = world.instructor().await;
    let (courses, now) = (world.store().courses(), world.ambient().now());
    let draft = fixtures::course(&world, &teacher);
    let (first, second) = (draft.id.derived(32), draft.id.derived(33));
    let sections = [plan(&world, world.ambient().id(), &[first])];
    let begun = courses.begin_copy(&draft, &sections, now).await.unwrap();
    // The second file's source was gone when the next attempt came.
    courses.expect_files(&begun, &[first, second], now).await.unwrap();
    courses.fill(begun.clone(), &sections, now).await.unwrap();
    assert_eq!(loose(&world).await.len(), 2, "it died before it was shown");

    let again = courses.begin_copy(&draft, &sections, now).await.unwrap();
    assert!(again.has_made(sections[0].lessons[0].id) && !again.is_shown());
    let filled = courses.fill(again, &sections, now).await.unwrap();
    let brought: Vec<_> = filled.files.values().flatten().copied().collect();
    assert_eq!(brought, [first]);
    courses.show_copy(&filled.course, &brought, now).await.unwrap().unwrap();
    assert_eq!(loose(&world).await, [format!("{}/{second}", draft.id)]);

    // An attempt that was slower does not have the janitor remove the files of what is shown.
    assert!(courses.expect_files(&begun, &[first], now).await.is_err());
    assert_eq!(loose(&world).await.len(), 1);
    let found = courses.begin_copy(&draft, &sections, now).await.unwrap();
    assert!(found.is_shown());
    let again = courses.fill(found, &sections, now).await.unwrap();
    assert_eq!(again.files, filled.files);
    let shown = courses.show_copy(&filled.course, &brought, now).await.unwrap().unwrap();
    assert_eq!(shown.revision, again.course.revision, "it is shown once");
}
