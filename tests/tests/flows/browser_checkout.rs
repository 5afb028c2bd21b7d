//! A real browser buys a course, with the card on the gateway's page, and leads a plan.

use super::browser::run_in_browser;
use crate::stack::{Stack, text};

#[tokio::test]
async fn chromium_buys_a_course_and_leads_a_plan() {
    let stack = Stack::open();
    let (admin, teacher, student) = (stack.admin().await, stack.instructor().await, stack.student().await);
    let title = format!("For sale {}", stack.word());
    let (course, _) = teacher.sells(&title, 50.0).await;
    let [small, large] = stack.plans(&admin).await.map(|plan| text(&plan, "name"));
    let code = stack.promo_code(&admin, 10).await;
    let wanted = [
        ("STUDENT_EMAIL", student.email.as_str()),
        ("STUDENT_PASSWORD", student.password()),
        ("COURSE", &course.id),
        ("COURSE_TITLE", &title),
        ("PROMO_CODE", &code),
        ("PLAN", &small),
        ("OTHER_PLAN", &large),
    ];
    run_in_browser("e2e/checkout.mjs", &student, &wanted);
}
