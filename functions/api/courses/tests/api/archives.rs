//! Courses as archives: what their teachers ask for and see. What the job makes of it is in its own tests.

use contracts::{Queue, archive::CourseArchive};
use domain::course::archive::{BYTES_MAX, EXPORTS_PER_HOUR, KEPT};
use http::Method;
use jiff::SignedDuration;
use jobs::Sent;
use kernel::{Id, id::kinds};
use serde_json::json;
use store::entities::CourseImport;
use testkit::{
    World,
    aws::{AwsServer, NOWHERE, cloud_at},
};

use crate::setup::{UPLOADS, app_with_sent, course, id_in, with_header};

const TICKET: &str = "/api/v1/courses/import-archive/ticket";
const IMPORT: &str = "/api/v1/courses/import-archive";

fn told(sent: &Sent) -> Vec<CourseArchive> {
    sent.take(Queue::Archive).iter().map(|text| contracts::decode(text).unwrap()).collect()
}

#[tokio::test]
async fn an_archive_is_begun_once_and_fetched_for_a_week() {
    let world = World::new().await;
    let (app, sent) = app_with_sent(&world, NOWHERE);
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let path = course(&app, &teacher).await;
    let archive = format!("{path}/archive");
    app.get(&archive, &teacher).await.expect_error(404, "ARCHIVE_NOT_FOUND");
    app.post(&archive, &other, json!({})).await.expect_error(404, "COURSE_NOT_FOUND");
    app.post(&archive, &world.student().await, json!({})).await.expect_error(403, "INSTRUCTORS_ONLY");
    assert!(told(&sent).is_empty());

    let begun = app.post(&archive, &teacher, json!({})).await.expect(202);
    assert!(begun.calls <= 4, "session, course, rate, archive: {}", begun.calls);
    assert_eq!((begun.text("status"), &begun.body["download"]), ("queued".into(), &json!(null)));
    let archive_id: Id<kinds::Archive> = begun.text("id").parse().unwrap();
    let (user_id, course_id) = (teacher.id, id_in(&path));
    let message = CourseArchive::Export { user_id, course_id, archive_id };
    assert_eq!(told(&sent), std::slice::from_ref(&message));
    let again = app.post(&archive, &teacher, json!({})).await.expect(202);
    assert_eq!(
        (again.text("id"), told(&sent)),
        (archive_id.to_string(), vec![message]),
        "as its message may be lost"
    );
    app.get(&archive, &other).await.expect_error(404, "COURSE_NOT_FOUND");

    let exports = world.store().course_archives();
    let export = exports.run_export(user_id, course_id, archive_id).await.unwrap().unwrap();
    assert_eq!(app.get(&archive, &teacher).await.expect(200).text("status"), "running");
    exports.end_export(&export, Ok(1234), world.ambient().now()).await.unwrap();
    let ready = app.get(&archive, &teacher).await.expect(200);
    assert_eq!((ready.text("status"), &ready.body["size_bytes"]), ("ready".into(), &json!(1234)));
    let url = ready.body["download"]["url"].as_str().unwrap();
    assert!(url.contains(&format!("/exports/course-archives/{user_id}/{archive_id}.zip?")), "{url}");
    assert!(url.contains("rust-for-everyone.zip") && url.contains("X-Amz-Expires=900"), "{url}");

    world.advance(KEPT);
    let teacher = world.login(teacher.id).await;
    let expired = app.get(&archive, &teacher).await.expect(200);
    assert_eq!((expired.text("status"), &expired.body["download"]), ("expired".into(), &json!(null)));
    let next = app.post(&archive, &teacher, json!({})).await.expect(202);
    assert!(next.text("status") == "queued" && next.text("id") != archive_id.to_string());
    // What the first one's job says late is not said of the second.
    exports.end_export(&export, Err("late".into()), world.ambient().now()).await.unwrap();
    assert!(exports.run_export(user_id, course_id, archive_id).await.unwrap().is_none());
    assert_eq!(app.get(&archive, &teacher).await.expect(200).text("status"), "queued");
}

#[tokio::test]
async fn one_that_failed_says_why_and_another_may_be_begun_so_often_in_an_hour() {
    let world = World::new().await;
    let (app, _) = app_with_sent(&world, NOWHERE);
    let teacher = world.instructor().await;
    let path = course(&app, &teacher).await;
    let archive = format!("{path}/archive");
    let exports = world.store().course_archives();
    for _ in 0..EXPORTS_PER_HOUR {
        let begun = app.post(&archive, &teacher, json!({})).await.expect(202);
        let id = begun.text("id").parse().unwrap();
        let export = exports.run_export(teacher.id, id_in(&path), id).await.unwrap().unwrap();
        exports.end_export(&export, Err("Do this.".into()), world.ambient().now()).await.unwrap();
        let failed = app.get(&archive, &teacher).await.expect(200);
        assert_eq!((failed.text("status"), failed.text("reason")), ("failed".into(), "Do this.".into()));
        assert_eq!((&failed.body["size_bytes"], &failed.body["download"]), (&json!(null), &json!(null)));
    }
    app.post(&archive, &teacher, json!({})).await.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn a_ticket_takes_an_archive_of_its_size() {
    let world = World::new().await;
    let (app, _) = app_with_sent(&world, NOWHERE);
    let teacher = world.instructor().await;
    for size in [0, BYTES_MAX + 1] {
        app.post(TICKET, &teacher, json!({"size": size})).await.expect_error(422, "VALIDATION_FAILED");
    }
    app.post(TICKET, &teacher, json!({"size": 1, "name": "x"})).await.expect_error(422, "VALIDATION_FAILED");
    app.post(TICKET, &world.student().await, json!({"size": 1})).await.expect_error(403, "INSTRUCTORS_ONLY");
    let ticket = app.post(TICKET, &teacher, json!({"size": BYTES_MAX})).await.expect(201);
    let url = ticket.text("upload_url");
    let key = format!("/uploads/course-imports/{}/{}?", teacher.id, ticket.text("archive_id"));
    assert!(url.contains(&key) && url.contains("content-length"), "{url}");
    assert_eq!(ticket.body["headers"], json!({"content-type": "application/zip"}));

    let send = async || {
        let header = ("idempotency-key", "once");
        with_header(&app, (Method::POST, TICKET), &teacher, header, json!({"size": 5})).await.expect(201)
    };
    assert_eq!(send().await.text("archive_id"), send().await.text("archive_id"));
}

#[tokio::test]
async fn an_archive_that_has_arrived_is_imported_once() {
    let aws = AwsServer::start("s3");
    aws.make_bucket(UPLOADS);
    let world = World::new().await;
    let (app, sent) = app_with_sent(&world, &aws.url());
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let ticket = app.post(TICKET, &teacher, json!({"size": 5})).await.expect(201);
    let id: Id<kinds::Archive> = ticket.text("archive_id").parse().unwrap();
    let (wish, state) = (json!({"archive_id": id}), format!("{IMPORT}/{id}"));
    app.post(IMPORT, &teacher, wish.clone()).await.expect_error(409, "ARCHIVE_NOT_UPLOADED");
    app.get(&state, &teacher).await.expect_error(404, "IMPORT_NOT_FOUND");
    let objects = cloud_at(&aws.url()).objects();
    let key = CourseImport::object_key_of(teacher.id, id);
    objects.write(UPLOADS, &key, "application/zip", "", b"bytes".to_vec()).await.unwrap();
    app.post(IMPORT, &other, wish.clone()).await.expect_error(409, "ARCHIVE_NOT_UPLOADED");
    assert!(told(&sent).is_empty());

    let message = CourseArchive::Import { user_id: teacher.id, archive_id: id };
    for _ in 0..2 {
        let begun = app.post(IMPORT, &teacher, wish.clone()).await.expect(202);
        assert_eq!((begun.text("id"), begun.text("status")), (id.to_string(), "queued".into()));
        assert_eq!(told(&sent), std::slice::from_ref(&message));
    }
    app.get(&state, &other).await.expect_error(404, "IMPORT_NOT_FOUND");
    let imports = world.store().course_archives();
    let import = imports.run_import(teacher.id, id).await.unwrap().unwrap();
    assert_eq!(app.get(&state, &teacher).await.expect(200).text("status"), "running");
    imports.end_import(&import, Err("Pack it anew.".into()), world.ambient().now()).await.unwrap();
    let failed = app.post(IMPORT, &teacher, wish.clone()).await.expect(202);
    assert_eq!((failed.text("status"), failed.text("reason")), ("failed".into(), "Pack it anew.".into()));
    assert!(told(&sent).is_empty(), "it has ended");

    let late = app.post(TICKET, &teacher, json!({"size": 5})).await.expect(201);
    let late: Id<kinds::Archive> = late.text("archive_id").parse().unwrap();
    let key = CourseImport::object_key_of(teacher.id, late);
    objects.write(UPLOADS, &key, "application/zip", "", b"bytes".to_vec()).await.unwrap();
    world.advance(SignedDuration::from_hours(23));
    let teacher = world.login(teacher.id).await;
    app.post(IMPORT, &teacher, json!({"archive_id": late})).await.expect_error(409, "ARCHIVE_NOT_UPLOADED");
    // An identifier that no ticket gave.
    let odd = json!({"archive_id": "11111111-1111-4111-8111-111111111111"});
    app.post(IMPORT, &teacher, odd).await.expect_error(409, "ARCHIVE_NOT_UPLOADED");
}
