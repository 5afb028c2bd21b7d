//! A real browser watches a lesson.

use std::process::Command;

use super::FILM;
use crate::stack::Stack;

const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web");

#[tokio::test]
async fn chromium_plays_five_seconds_and_is_shut_out_after_the_end() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("For the browser").await;
    let video = teacher.upload(&course.section, "film.mp4", &std::fs::read(FILM).unwrap(), "multipart").await;
    teacher.ready(&video).await;
    teacher.publish(&course, &video).await;
    student.enroll(&course.id).await;
    let pictures = tempfile::tempdir().unwrap();
    let mut watch = Command::new("node");
    watch.arg("e2e/watch.mjs").current_dir(WEB).env("OUT_DIR", pictures.path());
    watch
        .env("BASE_URL", student.base())
        .env("STUDENT_EMAIL", &student.email)
        .env("STUDENT_PASSWORD", student.password());
    let done =
        watch.output().expect("node is not on PATH: run this by `make test-system`, which installs it");
    let (said, complained) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{complained}");
}
