//! What is published is found, what is hidden is not, and nobody has to wait long for either.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::{Person, Stack, clip, text, until};

const FILM: &str = "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p";

/// A word of letters alone that nobody else uses.
fn word(stack: &Stack) -> String {
    let letter =
        |digit: u8| if digit.is_ascii_digit() { char::from(digit - b'0' + b'k') } else { char::from(digit) };
    stack.word().bytes().map(letter).collect()
}

/// Waits until a visitor finds so many of a kind; the first of them.
async fn finds(visitor: &Person, kind: &str, word: &str, count: u64) -> Value {
    until(&format!("{count} {kind} in the search"), async || {
        let found = visitor.get(&format!("/search?q={word}&type={kind}")).await.ok();
        let list = match kind {
            "category" => &found["categories"],
            kind => &found[format!("{kind}s")],
        };
        (list["count"] == count).then(|| json!({"query_id": found["query_id"], "hit": list["results"][0]}))
    })
    .await
}

#[tokio::test]
async fn what_is_published_is_found_and_what_is_hidden_is_not() {
    let stack = Stack::open();
    let (teacher, visitor) = (stack.instructor().await, stack.visitor());
    let (title, film, renamed) = (word(&stack), word(&stack), word(&stack));
    let course = teacher.course(&format!("All about {title}")).await;
    teacher.lesson(&course.id, &course.section, None).await;
    let drafts = visitor.get(&format!("/courses?search={title}")).await.ok();
    assert_eq!(drafts["count"], 0);
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();

    let found = finds(&visitor, "course", &title, 1).await;
    assert_eq!(found["hit"]["id"], course.id);
    assert!(text(&found["hit"]["highlights"], "title").contains("<mark>"), "{found}");
    let list = visitor.get(&format!("/courses?search={title}&level=beginner&ordering=newest")).await.ok();
    assert_eq!((&list["count"], &list["results"][0]["id"]), (&json!(1), &json!(course.id)));
    let click = json!({"query_id": found["query_id"], "kind": "course", "id": course.id, "position": 1});
    visitor.post("/search/click", click).await.ok();
    // Somebody enrols: the list tells him so at once, and everybody the count a moment later.
    let student = stack.student().await;
    student.enroll(&course.id).await;
    let list = student.get(&format!("/courses?search={title}")).await.ok();
    assert_eq!(list["results"][0]["enrolled"], true);
    until("the student in the count", async || {
        let list = visitor.get(&format!("/courses?search={title}")).await.ok();
        (list["results"][0]["student_count"] == 1).then_some(())
    })
    .await;

    let scratch = tempfile::tempdir().unwrap();
    let studio = teacher.course("Not published").await;
    let clip = clip(scratch.path(), "small.mp4", FILM);
    let video = teacher.upload(&studio.section, "small.mp4", &clip, "single").await;
    teacher.ready(&video).await;
    let path = format!("/media/videos/{video}");
    let public = json!({"title": format!("A film of {film}"), "visibility": "PUBLIC"});
    teacher.call(Method::PATCH, &path, Some(public)).await.ok();
    teacher.post(&format!("{path}/publish"), None).await.ok();
    let found = finds(&visitor, "video", &film, 1).await;
    assert_eq!((&found["hit"]["id"], &found["hit"]["duration"]), (&json!(video), &json!(1)));
    let (status, _) = visitor.file(&text(&found["hit"], "thumbnail_url"), None).await;
    assert_eq!(status, 200, "its picture");

    let channel = text(&teacher.get("/channels/me").await.ok(), "id");
    teacher.call(Method::PATCH, &format!("/channels/{channel}"), Some(json!({"name": renamed}))).await.ok();
    assert_eq!(finds(&visitor, "channel", &renamed, 1).await["hit"]["id"], channel);
    assert_eq!(finds(&visitor, "video", &renamed, 1).await["hit"]["channel"]["name"], renamed);

    teacher.call(Method::PATCH, &path, Some(json!({"visibility": "PRIVATE"}))).await.ok();
    finds(&visitor, "video", &film, 0).await;
    teacher.post(&format!("/courses/{}/unpublish", course.id), None).await.ok();
    finds(&visitor, "course", &title, 0).await;
}
