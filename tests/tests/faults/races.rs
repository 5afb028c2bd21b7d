//! Many callers at the same moment.

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::stack::{Stack, clip};

const PLAYS: usize = 100;
const REFRESHES: usize = 64;

#[tokio::test]
async fn a_hundred_plays_at_once_give_one_session() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("A race").await;
    let scratch = tempfile::tempdir().unwrap();
    let small = clip(
        scratch.path(),
        "small.mp4",
        "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p",
    );
    let video = teacher.upload(&course.section, "small.mp4", &small, "single").await;
    teacher.ready(&video).await;
    teacher.publish(&course, &video).await;
    let enrollment = student.enroll(&course.id).await;

    let answers = join_all((0..PLAYS).map(|_| student.play(&video, &enrollment))).await;
    let issued = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    let refused = answers.iter().filter(|answer| {
        (answer.status, answer.code()) == (StatusCode::CONFLICT, "concurrency_limit_exceeded")
    });
    assert_eq!(
        (issued, refused.count()),
        (1, PLAYS - 1),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let live = student.get("/media/sessions").await.ok();
    assert_eq!(live["results"].as_array().unwrap().len(), 1, "{live}");
}

#[tokio::test]
async fn sixty_four_refreshes_of_one_token_give_at_most_one_successor() {
    let stack = Stack::open();
    let student = stack.student().await;
    let visitor = stack.visitor();
    let refresh = || visitor.post("/auth/refresh", json!({"refresh": student.refresh_token}));
    let answers = join_all((0..REFRESHES).map(|_| refresh())).await;
    let (good, bad): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert!(good.len() <= 1, "{} successors", good.len());
    assert!(bad.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED), "{bad:?}");
    // A token that was used twice ends the session: its successor is worth nothing.
    for successor in good {
        let again = visitor.post("/auth/refresh", json!({"refresh": successor.ok()["refresh_token"]})).await;
        assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    }
}
