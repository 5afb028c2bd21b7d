//! A file becomes a protected stream that an enrolled student watches.

use media::{
    Tools,
    checks::{decode, start_difference_ms, track},
};
use reqwest::StatusCode;
use serde_json::json;

use crate::stack::{Film, Stack, clip, download};

/// Edge of what a viewer notices (ITU-R BT.1359 detects from 45 ms on); the issue of the platform asks for 50.
const SYNC_MS: f64 = 50.0;
/// One frame at 25 a second is 40 ms; a time that is off by more than rounding is a gap.
const GAP_MS: f64 = 2.0;

pub(crate) const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/bigbuckbunny.mp4");

#[tokio::test]
async fn an_enrolled_student_watches_what_an_instructor_uploaded() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("A film").await;
    let video = teacher.upload(&course.section, "film.mp4", &std::fs::read(FILM).unwrap(), "multipart").await;
    let scratch = tempfile::tempdir().unwrap();
    let small = clip(
        scratch.path(),
        "small.mp4",
        "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p",
    );
    let other = teacher.upload(&course.section, "small.mp4", &small, "single").await;
    teacher.ready(&video).await;
    teacher.ready(&other).await;
    teacher.lesson(&course.id, &course.section, Some(&other)).await;
    teacher.publish(&course, &video).await;
    let enrollment = student.enroll(&course.id).await;

    // The cookies of another video, to try them on this one.
    let foreign = student.play(&other, &enrollment).await;
    let foreign_cookies = foreign.cookies.clone();
    assert_eq!(foreign_cookies.len(), 3, "{foreign:?}");
    let foreign = foreign.ok();
    student.post(&format!("/media/videos/{other}/end"), json!({"token": foreign["token"]})).await.ok();

    let started = student.play(&video, &enrollment).await;
    let own_cookies = started.cookies.clone();
    let session = started.ok();
    let film = download(&student, session["play_url"].as_str().unwrap(), scratch.path()).await;
    check(&film).await;

    let visitor = stack.visitor();
    for url in &film.urls {
        assert_eq!(visitor.file(url, None).await.0, StatusCode::FORBIDDEN, "{url} without cookies");
    }
    let segment = film.urls.last().unwrap();
    assert_eq!(
        visitor.file(segment, Some(&foreign_cookies)).await.0,
        StatusCode::FORBIDDEN,
        "cookies of another video"
    );
    assert_eq!(visitor.file(segment, Some(&own_cookies)).await.0, StatusCode::OK, "its own cookies");

    let token = json!({"token": session["token"]});
    student.post(&format!("/media/videos/{video}/heartbeat"), token.clone()).await.ok();
    student.post(&format!("/media/videos/{video}/end"), token.clone()).await.ok();
    assert_eq!(student.file(segment, None).await.0, StatusCode::FORBIDDEN, "after the end");
    let late = student.post(&format!("/media/videos/{video}/heartbeat"), token).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "session_not_active"));
}

/// Every rung has the source's frames without a gap, and picture and sound begin as far apart as in the source.
async fn check(film: &Film) {
    let tools = Tools::find().unwrap();
    let source = track(&tools, FILM.as_ref()).await.unwrap();
    let heights: Vec<u32> = film.sizes.iter().map(|(_, height)| *height).collect();
    assert!(
        heights.contains(&720) && heights.iter().all(|height| *height <= 720),
        "rungs {heights:?} of a 720p source"
    );
    let sound = film.audio.as_ref().expect("a film with sound");
    for rung in &film.video {
        let found = track(&tools, rung).await.unwrap();
        assert_eq!(found.packets, source.packets, "frames of {}", rung.display());
        assert!(found.max_gap_ms <= GAP_MS && found.ordered, "{}: {found:?}", rung.display());
        assert_eq!(decode(&tools, rung).await.unwrap(), 0, "{} does not decode", rung.display());
        let apart = start_difference_ms(&tools, rung, sound).await.unwrap();
        assert!(apart <= SYNC_MS, "the sound of {} is {apart} ms off", rung.display());
    }
    let found = track(&tools, sound).await.unwrap();
    assert!(found.max_gap_ms <= GAP_MS, "sound: {found:?}");
}
