//! What goes into an archive comes out of it.

use std::collections::BTreeMap;

use domain::course::resource::{COPIED_BYTES_MAX, COPIED_MAX, RESOURCES_MAX};
use jobs::JobError;
use serde_json::{Value, json};
use store::entities::{Resource, course_archive::ArchiveStatus};
use testkit::template;

use crate::stage::{Stage, UPLOADS, entries, pack};

#[tokio::test]
async fn another_teacher_gets_the_same_course_with_the_same_files() {
    let stage = Stage::new().await;
    let (teacher, other) = (stage.world.instructor().await, stage.world.instructor().await);
    // More than one part of a multipart upload and more than one range.
    let large: Vec<u8> = (0..20_000_000u32).map(|number| (number % 251) as u8).collect();
    let contents: [&[u8]; 2] = [&large, b"slides"];
    let path = stage.course(&teacher, &contents).await;
    let message = stage.ask(&teacher, &path).await;
    stage.done(&message).await;
    let archive = stage.archive(&teacher, &path).await;
    let found = entries(&archive);
    let document: Value = serde_json::from_slice(&found["course.json"]).unwrap();
    assert_eq!(document["course"]["title"], "Rust for Everyone");
    let files = document["sections"][0]["lessons"][0]["files"].as_array().unwrap().clone();
    assert_eq!((found.len(), files.len()), (3, 2));
    for (file, content) in files.iter().zip(contents) {
        assert_eq!(found[&format!("files/{}", file["id"].as_str().unwrap())], content);
        assert_eq!(file["url"], json!(null), "the file lies beside it");
    }
    let before = stage.objects.read(UPLOADS, &key(&path, &files[1])).await.unwrap();

    let state = stage.import(&other, &archive).await;
    assert_eq!((&state["status"], &state["left_out"]), (&json!("ready"), &json!([])), "{state}");
    let copy = format!("/api/v1/courses/{}", state["course_id"].as_str().unwrap());
    let draft = stage.app.get(&copy, &other).await.expect(200);
    assert_eq!((draft.text("title"), draft.text("status")), ("Rust for Everyone".into(), "draft".into()));
    stage.app.get(&copy, &teacher).await.expect_error(404, "COURSE_NOT_FOUND");
    let expected =
        BTreeMap::from([("Part 0".to_owned(), large.clone()), ("Part 1".into(), b"slides".to_vec())]);
    assert!(stage.files(&other, &copy).await == expected);
    assert_eq!((stage.loose().await, stage.sent_archives(&other).await), (0, 0));
    let old = stage.objects.read(UPLOADS, &key(&path, &files[1])).await.unwrap();
    assert_eq!(before, old, "the course keeps its own");
}

fn key(course: &str, file: &Value) -> String {
    let course = course.rsplit('/').next().unwrap().parse().unwrap();
    Resource::object_key(course, file["id"].as_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn what_the_archive_does_not_have_is_left_out_and_said() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one", b"two"]).await;
    let message = stage.ask(&teacher, &path).await;
    // One of them is gone by the time of the export.
    let document = stage.app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    let gone = &document["sections"][0]["lessons"][0]["files"][0];
    while !stage.objects.purge(UPLOADS, &key(&path, gone)).await.unwrap() {}
    stage.done(&message).await;
    let archive = stage.archive(&teacher, &path).await;
    assert_eq!(entries(&archive).len(), 2);
    let state = stage.import(&teacher, &archive).await;
    assert_eq!(state["left_out"][0]["what"], "files");
    let copy = format!("/api/v1/courses/{}", state["course_id"].as_str().unwrap());
    assert_eq!(stage.files(&teacher, &copy).await, BTreeMap::from([("Part 1".into(), b"two".to_vec())]));
}

#[tokio::test]
async fn an_import_takes_over_as_many_files_as_every_copy() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one"]).await;
    let mut document = stage.app.get(&format!("{path}/export"), &teacher).await.expect(200).body;
    let mut lesson = document["sections"][0]["lessons"][0].clone();
    let file = lesson["files"][0].clone();
    lesson["files"] = json!(vec![file.clone(); RESOURCES_MAX]);
    let count = COPIED_MAX / RESOURCES_MAX + 1;
    document["sections"][0]["lessons"] = json!(vec![lesson; count]);
    let (text, entry) = (document.to_string(), format!("files/{}", file["id"].as_str().unwrap()));
    let archive = pack([("course.json", text.as_bytes()), (&entry, b"one".as_slice())]);
    let state = stage.import(&teacher, &archive).await;
    assert_eq!(
        (&state["status"], state["left_out"].as_array().unwrap().len()),
        (&json!("ready"), 1),
        "{state}"
    );
    assert_eq!(stage.loose().await, 0);
}

#[tokio::test]
async fn a_course_that_is_too_large_is_refused_with_what_to_do() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one"]).await;
    let course = path.rsplit('/').next().unwrap().parse().unwrap();
    let outline = stage.world.store().courses().outline(course).await.unwrap().unwrap();
    let lesson = outline.lessons().next().unwrap().id;
    let mut lists = stage.world.store().courses().resources_of([lesson]).await.unwrap();
    lists[0].resources[0].size = COPIED_BYTES_MAX + 1;
    stage.world.store().put(&lists[0]).await.unwrap();
    let message = stage.ask(&teacher, &path).await;
    stage.done(&message).await;
    let state = stage.exported(&teacher, &path).await;
    assert_eq!(state.text("status"), "failed");
    assert!(state.text("reason").contains("duplicate the course"), "{}", state.text("reason"));
    assert_eq!(stage.written(&teacher).await, 0);
}

#[tokio::test]
async fn messages_that_come_twice_late_or_for_nothing_change_nothing() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one"]).await;
    let first = stage.ask(&teacher, &path).await;
    stage.done(&first).await;
    let archive = stage.archive(&teacher, &path).await;
    stage.done(&first).await;
    let second = stage.ask(&teacher, &path).await;
    stage.done(&first).await;
    assert_eq!(stage.exported(&teacher, &path).await.text("status"), "queued", "the first is late");
    assert_eq!(stage.written(&teacher).await, 1);

    let (import, state) = stage.send(&teacher, &archive).await;
    stage.done(&import).await;
    let made = stage.app.get(&state, &teacher).await.expect(200).body;
    stage.done(&import).await;
    assert_eq!(stage.app.get(&state, &teacher).await.expect(200).body, made);
    assert_eq!(stage.courses(&teacher).await, 2);
    // What he deletes does not come back.
    let copy = format!("/api/v1/courses/{}", made["course_id"].as_str().unwrap());
    stage.app.delete(&copy, &teacher).await.expect(204);
    stage.done(&import).await;
    assert_eq!(stage.courses(&teacher).await, 1);

    // The course is gone before its message comes.
    stage.app.delete(&path, &teacher).await.expect(204);
    stage.done(&second).await;
    let course = path.rsplit('/').next().unwrap().parse().unwrap();
    let archives = stage.world.store().course_archives();
    let export = archives.export_of(teacher.id, course).await.unwrap().unwrap();
    assert_eq!(export.status, ArchiveStatus::Failed);
    assert!(export.reason.unwrap().contains("deleted"));
}

#[tokio::test]
async fn the_last_try_tells_the_teacher_and_the_dead_letters() {
    let policy = template::resources("AWS::SQS::Queue").into_iter().find(|(id, _)| id == "ArchiveQueue");
    let tries = policy.unwrap().1["Properties"]["RedrivePolicy"]["maxReceiveCount"].as_u64();
    assert_eq!(tries, Some(u64::from(job_course_archive::TRIES)));

    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = stage.course(&teacher, &[b"one"]).await;
    let message = stage.ask(&teacher, &path).await;
    for (receive_count, status) in [(1, "running"), (job_course_archive::TRIES, "failed")] {
        let failed = stage.deliver_without_s3(&message, receive_count).await;
        assert!(matches!(failed, Err(JobError::Retry(_))), "{failed:?}");
        assert_eq!(stage.exported(&teacher, &path).await.text("status"), status);
    }
    assert!(stage.exported(&teacher, &path).await.text("reason").contains("Try again"));
    // An operator sends it again from the dead letters: it has ended, and the teacher has been told so.
    stage.done(&message).await;
    assert_eq!(stage.exported(&teacher, &path).await.text("status"), "failed");
    let next = stage.ask(&teacher, &path).await;
    stage.done(&next).await;
    assert_eq!(entries(&stage.archive(&teacher, &path).await).len(), 2);
}
