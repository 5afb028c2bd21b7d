//! A teacher takes a course away as one archive, and another makes a course of it.

use contracts::archive::CourseArchive;
use serde_json::{Value, json};

use crate::stack::{Person, Stack, text, until};

/// The state at this path, once it has ended.
async fn ended(person: &Person, path: &str) -> Value {
    until("the end of the archive's job", async || {
        let state = person.get(path).await.ok();
        (!["queued", "running"].contains(&text(&state, "status").as_str())).then_some(state)
    })
    .await
}

/// Sends an archive and has a course made of it; the state.
async fn import(person: &Person, archive: Vec<u8>) -> Value {
    let ticket = person.post("/courses/import-archive/ticket", json!({"size": archive.len()})).await.ok();
    person.put(&text(&ticket, "upload_url"), Some("application/zip"), archive).await;
    let id = text(&ticket, "archive_id");
    person.post("/courses/import-archive", json!({"archive_id": id})).await.ok();
    ended(person, &format!("/courses/import-archive/{id}")).await
}

#[tokio::test]
async fn a_course_moves_to_another_teacher_with_its_files() {
    let stack = Stack::open();
    let (teacher, other) = (stack.instructor().await, stack.instructor().await);
    let title = format!("To be moved {}", stack.word());
    let course = teacher.course(&title).await;
    let lesson = teacher.lesson(&course.id, &course.section, None).await;
    // Every byte counts, in more than one part of a multipart upload.
    let slides: Vec<u8> = (0..9_000_000u32).map(|number| (number % 251) as u8).collect();
    let file = teacher.resource(&course.id, &slides).await;
    let new = json!({"resource_id": file, "title": "Slides", "file_name": "슬라이드.pdf"});
    teacher.post(&format!("/courses/{}/lessons/{lesson}/resources", course.id), new).await.ok();

    let path = format!("/courses/{}/archive", course.id);
    let begun = teacher.post(&path, None).await.ok();
    let state = ended(&teacher, &path).await;
    assert_eq!(state["status"], "ready", "{state}");
    let (status, archive) = teacher.file(&text(&state["download"], "url"), None).await;
    assert!(status == 200 && archive.starts_with(b"PK"), "{status}: a ZIP archive");
    assert_eq!(state["size_bytes"], json!(archive.len()));

    let made = import(&other, archive.clone()).await;
    assert_eq!((&made["status"], &made["left_out"]), (&json!("ready"), &json!([])), "{made}");
    let copy = text(&made, "course_id");
    let page = other.get(&format!("/courses/{copy}")).await.ok();
    assert_eq!((text(&page, "title"), text(&page, "status")), (title, "draft".to_owned()));
    assert_eq!(teacher.get(&format!("/courses/{copy}")).await.status, 404);
    let lesson = text(&page["curriculum"][0]["lessons"][0], "id");
    let of_copy = other.get(&format!("/courses/{copy}/lessons/{lesson}")).await.ok();
    let file = &of_copy["resources"][0];
    assert_eq!((text(file, "title"), text(file, "file_name")), ("Slides".into(), "슬라이드.pdf".into()));
    let link =
        other.get(&format!("/courses/{copy}/lessons/{lesson}/resources/{}", text(file, "id"))).await.ok();
    let (status, bytes) = other.file(&text(&link, "url"), None).await;
    assert!(status == 200 && bytes == slides, "{status}, {} bytes", bytes.len());

    // What is broken is told, and makes nothing.
    let broken = import(&other, archive[..archive.len() - 1].to_vec()).await;
    assert_eq!((&broken["status"], &broken["course_id"]), (&json!("failed"), &Value::Null));
    assert!(text(&broken, "reason").contains("not a whole ZIP"), "{broken}");

    // The same messages again, late: nothing more comes of them.
    let archive_id = text(&begun, "id").parse().unwrap();
    let (user_id, course_id) = (teacher.id.parse().unwrap(), course.id.parse().unwrap());
    let export = CourseArchive::Export { user_id, course_id, archive_id };
    let archive_id = text(&made, "id").parse().unwrap();
    stack.send(&[export, CourseArchive::Import { user_id: other.id.parse().unwrap(), archive_id }]).await;
    let again = import(&other, archive).await;
    assert_eq!(again["status"], "ready", "{again}");
    let own = other.get("/instructor/courses").await.ok();
    assert_eq!(own["results"].as_array().unwrap().len(), 2, "one of each import that went well");
}
