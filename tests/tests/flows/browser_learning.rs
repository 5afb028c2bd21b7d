//! A real browser takes a course to its certificate under a teacher's policy, and shows the teacher his class.

use super::browser::run_in_browser;
use crate::stack::{Stack, clip};

/// So long that who stops in it goes on there, with a sound, as lectures have.
const LECTURE: &str =
    "-f lavfi -i testsrc=size=320x180:rate=25:duration=30 -f lavfi -i sine=duration=30 -pix_fmt yuv420p";

#[tokio::test]
async fn chromium_takes_a_course_to_its_certificate_and_shows_the_teacher_his_class() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("To its certificate").await;
    let scratch = tempfile::tempdir().unwrap();
    let lecture = clip(scratch.path(), "lecture.mp4", LECTURE);
    let video = teacher.upload(&course.section, "lecture.mp4", &lecture, "single").await;
    teacher.ready(&video).await;
    teacher.lesson(&course.id, &course.section, Some(&video)).await;
    teacher.quiz(&course).await;
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();
    let wanted = [
        ("TEACHER_EMAIL", teacher.email.as_str()),
        ("STUDENT_EMAIL", student.email.as_str()),
        ("STUDENT_NAME", "Ada Lim"),
        ("PASSWORD", student.password()),
        ("VIDEO", &video),
        ("COURSE", &course.id),
    ];
    run_in_browser("e2e/learning.mjs", &student, &wanted);
}
