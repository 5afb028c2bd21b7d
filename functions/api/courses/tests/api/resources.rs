//! Files of lessons, with an S3 of their own.

use domain::{
    course::resource::{MAX_BYTES, RESOURCES_MAX, UPLOADS_PER_HOUR},
    sweep::SweepKind,
};
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::entities::Resource;
use testkit::{
    App, Caller, World,
    aws::{AwsServer, cloud_at},
};

use crate::setup::{UPLOADS, app_with, course, enroll, lesson, published, section, text_lesson, world};

fn wish() -> Value {
    json!({"content_type": "application/pdf", "size": 6})
}

/// Begins an upload for a course and sends the file; its id.
pub(crate) async fn upload(aws: &AwsServer, app: &App, teacher: &Caller, course: &str) -> String {
    let ticket = app.post(&format!("{course}/resources"), teacher, wish()).await.expect(201);
    let id = ticket.text("resource_id");
    let of = course.rsplit('/').next().unwrap().parse().unwrap();
    let key = Resource::object_key(of, id.parse().unwrap());
    let objects = cloud_at(&aws.url()).objects();
    objects.write(UPLOADS, &key, "application/pdf", "", b"slides".to_vec()).await.unwrap();
    id
}

pub(crate) fn new(id: &str) -> Value {
    json!({"resource_id": id, "title": "Slides", "file_name": "슬라이드.pdf"})
}

/// What the janitor would remove within a day.
pub(crate) async fn loose(world: &World) -> Vec<String> {
    let until = world.ambient().now() + SignedDuration::from_hours(24);
    let due = world.store().sweeps().due(SweepKind::Resource, until, 100).await.unwrap();
    due.into_iter().map(|sweep| sweep.subject).collect()
}

#[tokio::test]
async fn a_file_gets_to_those_who_may_take_its_lesson_and_then_goes() {
    let aws = AwsServer::start("s3");
    aws.make_bucket(UPLOADS);
    let world = World::new().await;
    let app = app_with(&world, &aws.url());
    let (teacher, student, stranger) =
        (world.instructor().await, world.student().await, world.student().await);
    let course = published(&app, &teacher).await;
    enroll(&world, &student, &course).await;
    let curriculum = app.get(&course, None).await.body["curriculum"].clone();
    let first = curriculum[0]["lessons"][0]["id"].as_str().unwrap();
    let path = format!("{course}/lessons/{first}");
    let resources = format!("{path}/resources");

    let id = upload(&aws, &app, &teacher, &course).await;
    assert_eq!(loose(&world).await.len(), 1, "until a lesson has it");
    let added = app.post(&resources, &teacher, new(&id)).await.expect(201);
    assert_eq!((&added.body["size"], &added.body["content_type"]), (&json!(6), &json!("application/pdf")));
    assert!(added.calls <= 5, "course twice, lesson with files, reminder, transaction: {}", added.calls);
    assert!(loose(&world).await.is_empty());
    app.post(&resources, &teacher, new(&id)).await.expect(201);
    let seen = app.get(&path, &student).await.expect(200).body["resources"].clone();
    assert_eq!((seen.as_array().unwrap().len(), &seen[0]["file_name"]), (1, &json!("슬라이드.pdf")));
    assert_eq!(app.get(&course, None).await.body["curriculum"][0]["lessons"][0]["resource_count"], 1);

    let link = format!("{resources}/{id}");
    let found = app.get(&link, &student).await.expect(200);
    assert!(found.calls <= 5, "session, lesson, guard, enrolment, files: {}", found.calls);
    let url = found.text("url");
    assert!(
        url.contains("response-content-disposition=attachment") && url.contains("X-Amz-Expires=300"),
        "{url}"
    );
    app.get(&link, &teacher).await.expect(200);
    app.get(&link, None).await.expect_error(401, "NOT_AUTHENTICATED");
    app.get(&link, &stranger).await.expect_error(403, "ENROLLMENT_REQUIRED");
    app.patch(&path, &teacher, json!({"is_preview": true})).await.expect(200);
    app.get(&link, None).await.expect(200);

    let other = world.instructor().await;
    app.delete(&link, &other).await.expect_error(404, "COURSE_NOT_FOUND");
    app.delete(&link, &teacher).await.expect(204);
    app.delete(&link, &teacher).await.expect_error(404, "RESOURCE_NOT_FOUND");
    app.get(&link, &teacher).await.expect_error(404, "RESOURCE_NOT_FOUND");
    let subject = format!("{}/{id}", course.rsplit('/').next().unwrap());
    assert_eq!(loose(&world).await, [subject], "the janitor removes it");
}

#[tokio::test]
async fn a_file_gets_into_one_lesson() {
    let aws = AwsServer::start("s3");
    aws.make_bucket(UPLOADS);
    let world = World::new().await;
    let app = app_with(&world, &aws.url());
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let mut paths = Vec::new();
    for _ in 0..5 {
        let id = lesson(&app, &teacher, &course, &basics, text_lesson()).await;
        paths.push(format!("{course}/lessons/{id}/resources"));
    }
    let id = upload(&aws, &app, &teacher, &course).await;
    app.post(&paths[0], &other, new(&id)).await.expect_error(404, "COURSE_NOT_FOUND");
    let apps = vec![app.clone(); 5];
    let tries = join_all(apps.iter().zip(&paths).map(|(app, path)| app.post(path, &teacher, new(&id)))).await;
    let (won, lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.expect_error(409, "FILE_NOT_UPLOADED");
    }

    // Neither one that never arrived, nor an old one, nor one of another course.
    let ticket = app.post(&format!("{course}/resources"), &teacher, wish()).await.expect(201);
    app.post(&paths[0], &teacher, new(&ticket.text("resource_id")))
        .await
        .expect_error(409, "FILE_NOT_UPLOADED");
    let unknown = new("01933b7a-3c5e-7000-8000-4f2d1c9a7b10");
    app.post(&paths[0], &teacher, unknown).await.expect_error(409, "FILE_NOT_UPLOADED");
    let late = upload(&aws, &app, &teacher, &course).await;
    world.advance(SignedDuration::from_hours(23));
    let teacher = world.login(teacher.id).await;
    app.post(&paths[0], &teacher, new(&late)).await.expect_error(409, "FILE_NOT_UPLOADED");

    // A lesson has at most so many; they go with it.
    for _ in 0..RESOURCES_MAX {
        let id = upload(&aws, &app, &teacher, &course).await;
        let reply = app.post(&paths[1], &teacher, new(&id)).await;
        assert!(reply.status == 201 || reply.code() == "TOO_MANY_RESOURCES", "{:#}", reply.body);
    }
    let id = upload(&aws, &app, &teacher, &course).await;
    app.post(&paths[1], &teacher, new(&id)).await.expect_error(409, "TOO_MANY_RESOURCES");
    let before = loose(&world).await.len();
    app.delete(paths[1].trim_end_matches("/resources"), &teacher).await.expect(204);
    assert_eq!(loose(&world).await.len(), before + RESOURCES_MAX);
}

#[tokio::test]
async fn a_lesson_of_kind_file_needs_one_until_it_is_published() {
    let aws = AwsServer::start("s3");
    aws.make_bucket(UPLOADS);
    let world = World::new().await;
    let app = app_with(&world, &aws.url());
    let teacher = world.instructor().await;
    let course = course(&app, &teacher).await;
    let basics = section(&app, &teacher, &course).await;
    let empty = json!({"kind": "file", "title": "Slides"});
    let first = lesson(&app, &teacher, &course, &basics, empty.clone()).await;
    let publish = format!("{course}/publish");
    let refused = app.post(&publish, &teacher, json!({})).await.expect_error(422, "PUBLISH_BLOCKED");
    assert_eq!(refused.body["error"]["details"]["missing"][0]["what"], "FILE");
    let id = upload(&aws, &app, &teacher, &course).await;
    let resources = format!("{course}/lessons/{first}/resources");
    app.post(&resources, &teacher, new(&id)).await.expect(201);
    app.post(&publish, &teacher, json!({})).await.expect(200);
    app.delete(&format!("{resources}/{id}"), &teacher).await.expect_error(422, "PUBLISH_BLOCKED");

    // A published course gets such a lesson with its file.
    let lessons = format!("{course}/sections/{basics}/lessons");
    app.post(&lessons, &teacher, empty.clone()).await.expect_error(422, "PUBLISH_BLOCKED");
    let mut whole = empty;
    whole["resources"] = json!([new(&upload(&aws, &app, &teacher, &course).await)]);
    let made = app.post(&lessons, &teacher, whole.clone()).await.expect(201);
    assert_eq!(made.body["resources"][0]["title"], "Slides");
    app.post(&lessons, &teacher, whole).await.expect_error(409, "FILE_NOT_UPLOADED");
    for (name, field) in [("slides.exe", "file_name"), ("a/b.pdf", "file_name")] {
        let mut wrong = new(&upload(&aws, &app, &teacher, &course).await);
        wrong["file_name"] = json!(name);
        let refused = app.post(&resources, &teacher, wrong).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{:#}", refused.body);
    }
}

#[tokio::test]
async fn only_some_types_and_sizes_are_taken() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let course = course(&app, &teacher).await;
    let path = format!("{course}/resources");
    app.post(&path, &other, wish()).await.expect_error(404, "COURSE_NOT_FOUND");
    for (content_type, size, field) in [
        ("text/html", 1, "content_type"),
        ("image/svg+xml", 1, "content_type"),
        ("application/x-msdownload", 1, "content_type"),
        ("application/pdf", 0, "size"),
        ("application/pdf", MAX_BYTES + 1, "size"),
    ] {
        let body = json!({"content_type": content_type, "size": size});
        let refused = app.post(&path, &teacher, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{:#}", refused.body);
    }
    let largest = json!({"content_type": "application/zip", "size": MAX_BYTES});
    let ticket = app.post(&path, &teacher, largest).await.expect(201);
    assert_eq!(ticket.calls, 3, "course, count of uploads, reminder");
    let url = ticket.text("upload_url");
    assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{url}");
    assert_eq!(ticket.body["headers"], json!({"content-type": "application/zip"}));
    for _ in 1..UPLOADS_PER_HOUR {
        app.post(&path, &teacher, wish()).await.expect(201);
    }
    app.post(&path, &teacher, wish()).await.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn a_picture_is_uploaded_for_a_course_of_the_caller() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let course = course(&app, &teacher).await;
    let path = format!("{course}/thumbnail");
    let wish = json!({"content_type": "image/png", "size": 5 * 1024 * 1024});
    let ticket = app.post(&path, &teacher, wish.clone()).await.expect(201);
    let key =
        format!("/pictures/courses/{}/{}?", course.rsplit('/').next().unwrap(), ticket.text("picture_id"));
    assert!(ticket.text("upload_url").contains(&key), "{}", ticket.text("upload_url"));
    let state = app.get(&path, &teacher).await.expect(200);
    assert_eq!((state.body, state.calls), (json!({"thumbnail": "", "picture_id": null, "error": null}), 2));
    app.post(&path, &other, wish).await.expect_error(404, "COURSE_NOT_FOUND");
    app.get(&path, &other).await.expect_error(404, "COURSE_NOT_FOUND");
    for wrong in [
        json!({"content_type": "image/gif", "size": 1}),
        json!({"content_type": "image/png", "size": 5 * 1024 * 1024 + 1}),
    ] {
        app.post(&path, &teacher, wrong).await.expect_error(422, "VALIDATION_FAILED");
    }
}
