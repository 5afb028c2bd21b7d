//! A student ends, from another device, a session that somebody else plays with his account.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::FILM;
use crate::stack::{Stack, named, text};

/// What the clocks of this test and of the stack, and one request, may take.
const LEEWAY_SECONDS: i64 = 2;
const BETWEEN: Duration = Duration::from_millis(500);

#[tokio::test]
async fn who_was_thrown_out_gets_no_heartbeat_at_once_and_no_segment_when_his_cookies_end() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("A film for one").await;
    let video = teacher.upload(&course.section, "film.mp4", &std::fs::read(FILM).unwrap(), "single").await;
    teacher.ready(&video).await;
    teacher.publish(&course, &video).await;
    let enrollment = student.enroll(&course.id).await;
    let play = student.play(&video, &enrollment).await;
    // Whoever was thrown out keeps what he has been given, whatever later answers say.
    let cookies = play.cookies.clone();
    let play = play.ok();
    let master = text(&play, "play_url");
    let (status, playlist) = student.file(&master, Some(&cookies)).await;
    assert_eq!(status, StatusCode::OK);
    let rung = named(&String::from_utf8(playlist).unwrap()).next().unwrap();
    let rung = format!("{}/{rung}", master.rsplit_once('/').unwrap().0);
    let ends = play["expires_at"].as_i64().unwrap();

    let sessions = student.get("/media/sessions").await.ok();
    let session = text(&sessions["results"][0], "id");
    student.call(Method::DELETE, &format!("/media/sessions/{session}"), None).await.ok();

    let token = json!({"token": play["token"]});
    for (call, what) in [("heartbeat", "he is out at once"), ("refresh", "and stays out")] {
        let refused = student.post(&format!("/media/videos/{video}/{call}"), token.clone()).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "session_not_active"), "{what}");
    }
    let visitor = stack.visitor();
    loop {
        let asked = stack.ambient.clock.epoch_seconds();
        let (status, _) = visitor.file(&rung, Some(&cookies)).await;
        if status == StatusCode::FORBIDDEN {
            assert!(asked + LEEWAY_SECONDS > ends, "the cookies of a signed play work until they end");
            return;
        }
        assert_eq!(status, StatusCode::OK);
        assert!(asked < ends + LEEWAY_SECONDS, "a file after the end of the cookies");
        tokio::time::sleep(BETWEEN).await;
    }
}
