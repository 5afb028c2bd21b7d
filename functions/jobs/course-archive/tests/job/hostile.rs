//! Archives that nobody should have sent. How each broken form of a ZIP is found is in the tests of crate `archive`; here, that the teacher
//! is told and nothing is seen of it.

use serde_json::{Value, json};
use store::entities::{CourseImport, Resource};
use testkit::Caller;

use crate::stage::{IMPORT, Stage, UPLOADS, pack};

const FILE: &str = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";

/// A document with one lesson that has one file.
fn document() -> Value {
    let file = json!({
        "id": FILE, "title": "Slides", "file_name": "slides.pdf", "content_type": "application/pdf", "size": 6,
    });
    let lesson = json!({"kind": "file", "title": "To read", "files": [file]});
    json!({"format": 1, "course": {"title": "Rust"}, "sections": [{"title": "Basics", "lessons": [lesson]}]})
}

fn archive_of(document: &Value) -> Vec<u8> {
    let (text, entry) = (document.to_string(), format!("files/{FILE}"));
    pack([("course.json", text.as_bytes()), (&entry, b"slides".as_slice())])
}

async fn refused(stage: &Stage, teacher: &Caller, archive: &[u8], reason: &str) {
    let state = stage.import(teacher, archive).await;
    assert_eq!((&state["status"], &state["course_id"]), (&json!("failed"), &json!(null)), "{state}");
    let told = state["reason"].as_str().unwrap();
    assert!(told.contains(reason), "{told} instead of {reason}");
    assert_eq!((stage.courses(teacher).await, stage.sent_archives(teacher).await), (0, 0), "{reason}");
}

/// What is done to a document.
type Harm = fn(&mut Value);

#[tokio::test]
async fn a_bad_archive_ends_with_a_reason_and_no_course() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let good = archive_of(&document());
    let text = document().to_string();
    refused(&stage, &teacher, b"not an archive, but long enough", "not a whole ZIP").await;
    refused(&stage, &teacher, &good[..good.len() - 1], "not a whole ZIP").await;
    refused(&stage, &teacher, &pack([]), "no course.json at its top").await;
    let folder = pack([("rust/course.json", text.as_bytes())]);
    refused(&stage, &teacher, &folder, "«rust/course.json» does not belong").await;
    let path = pack([("course.json", text.as_bytes()), ("files/../../x", b"x".as_slice())]);
    refused(&stage, &teacher, &path, "does not belong").await;
    let large = pack([("course.json", vec![b' '; 5_000_001].as_slice())]);
    refused(&stage, &teacher, &large, "more than 5000000 bytes").await;
    let half = pack([("course.json", &text.as_bytes()[..text.len() / 2])]);
    refused(&stage, &teacher, &half, "course.json can't be taken").await;
    let deep = pack([("course.json", "[".repeat(100_000).as_bytes())]);
    refused(&stage, &teacher, &deep, "course.json can't be taken").await;
    // A changed byte of a file, which is found while it is unpacked.
    let mut changed = good.clone();
    // The first is in the document, as the file's name.
    let at = changed.windows(6).rposition(|window| window == b"slides").unwrap();
    changed[at] ^= 1;
    refused(&stage, &teacher, &changed, "is damaged").await;
    assert!(stage.loose().await > 0, "the janitor removes what has come of it");
    assert_eq!(stage.import(&teacher, &good).await["status"], "ready");
}

#[tokio::test]
async fn a_document_in_an_archive_obeys_the_rules_of_courses_and_of_uploads() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let changed = |change: fn(&mut Value)| {
        let mut document = document();
        change(&mut document);
        archive_of(&document)
    };
    let cases: [(Harm, &str); 9] = [
        (|one| one["format"] = json!(2), "format"),
        (|one| one["more"] = json!(1), "unknown field"),
        (|one| one["course"]["title"] = json!(" "), "course.title"),
        (|one| one["course"]["thumbnail"] = json!("javascript:x"), "https://"),
        (|one| one["sections"][0]["lessons"][0]["content"] = json!("x"), "belongs to lessons of kind text"),
        (
            |one| one["sections"][0]["lessons"][0]["files"][0]["content_type"] = json!("text/html"),
            "a type that is not taken",
        ),
        (
            |one| one["sections"][0]["lessons"][0]["files"][0]["file_name"] = json!("../x.pdf"),
            "ending of its type",
        ),
        (
            |one| one["sections"][0]["lessons"][0]["files"][0]["file_name"] = json!("x.exe"),
            "ending of its type",
        ),
        (|one| one["sections"][0]["lessons"][0]["files"][0]["title"] = json!(" "), "must have a title"),
    ];
    for (change, reason) in cases {
        refused(&stage, &teacher, &changed(change), reason).await;
    }
    // The size is what the archive has, whatever the document says.
    let other_size = changed(|one| one["sections"][0]["lessons"][0]["files"][0]["size"] = json!(0));
    let made = stage.import(&teacher, &other_size).await;
    assert_eq!(made["left_out"], json!([]));
}

#[tokio::test]
async fn an_import_without_its_archive_says_so() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let (message, state) = stage.send(&teacher, &archive_of(&document())).await;
    while !stage.objects.purge(UPLOADS, &CourseImport::prefix(teacher.id)).await.unwrap() {}
    stage.done(&message).await;
    let failed = stage.app.get(&state, &teacher).await.expect(200);
    assert!(failed.text("reason").contains("Begin a new upload"), "{}", failed.text("reason"));
}

#[tokio::test]
async fn files_of_others_can_not_be_taken_by_naming_them() {
    let stage = Stage::new().await;
    let (teacher, thief) = (stage.world.instructor().await, stage.world.instructor().await);
    let path = stage.course(&teacher, &[b"secret"]).await;
    let document = stage.app.get(&format!("{path}/export"), &teacher).await.expect(200).body.to_string();
    let state = stage.import(&thief, &pack([("course.json", document.as_bytes())])).await;
    assert_eq!(state["left_out"][0]["what"], "files");
    let made: kernel::Id<kernel::id::kinds::Course> = state["course_id"].as_str().unwrap().parse().unwrap();
    assert!(stage.objects.list(UPLOADS, &Resource::folder(made), 10).await.unwrap().is_empty());
    let course = stage.world.store().courses().get(made).await.unwrap().unwrap();
    assert_eq!(course.instructor_id, thief.id);
    stage.app.get(&format!("{IMPORT}/{}", state["id"].as_str().unwrap()), &teacher).await.expect(404);
}
