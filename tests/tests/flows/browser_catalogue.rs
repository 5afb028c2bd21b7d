//! A real browser builds a course, finds it, takes its quiz and reviews it.

use super::browser::run_in_browser;
use crate::stack::Stack;

#[tokio::test]
async fn chromium_builds_a_course_and_finds_takes_and_reviews_it() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let people = [
        ("TEACHER_EMAIL", teacher.email.as_str()),
        ("STUDENT_EMAIL", student.email.as_str()),
        ("PASSWORD", student.password()),
    ];
    run_in_browser("e2e/catalogue.mjs", &student, &people);
}
