//! From the last lesson to a certificate that a stranger checks.

use domain::certificate::{SIGNED_TYPE, Statement};
use reqwest::Method;
use serde_json::json;

use crate::stack::{Stack, text};

#[tokio::test]
async fn who_completes_a_course_gets_a_certificate_that_everybody_can_check() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let title = format!("Certified {}", stack.word());
    let course = teacher.course(&title).await;
    let lesson = teacher.lesson(&course.id, &course.section, None).await;
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();
    let name = json!({"first_name": "길동", "last_name": "홍"});
    student.call(Method::PUT, "/users/profile", Some(name)).await.ok();
    let enrollment = student.enroll(&course.id).await;
    let path = format!("/enrollments/{enrollment}");
    let early = student.get(&format!("{path}/certificate")).await;
    assert_eq!((early.status.as_u16(), early.code()), (409, "CERTIFICATE_NOT_READY"), "{}", early.body);

    assert_eq!(student.read(&enrollment, &lesson).await["course_completed"], true);
    let code = student.certificate(&enrollment).await;
    let (kind, document) = student.fetch(&format!("{path}/certificate")).await;
    assert_eq!(kind, "application/pdf");
    assert!(document.starts_with(b"%PDF-") && document.len() > 10_000, "{} bytes", document.len());
    assert_eq!(student.get("/users/profile").await.ok()["profile"]["certificates_earned"], 1);

    let visitor = stack.visitor();
    let seen = visitor.get(&format!("/certificates/{}", code.to_lowercase())).await.ok();
    assert_eq!((&seen["valid"], &seen["student_name"]), (&json!(true), &json!("홍길동")));
    assert_eq!(seen["course"], json!({"id": course.id, "title": title}));
    let (headers, page) = visitor.page(&text(&seen, "verification_url")).await;
    assert!(headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(page.contains("홍길동") && page.contains(&code), "{page}");

    // With the published keys, and without asking again.
    let keys = visitor.get("/certificates/keys").await.ok();
    let said: Statement = jws::check(SIGNED_TYPE, &text(&seen, "jws"), &keys.to_string()).unwrap();
    assert_eq!((said.code.to_string(), said.student.expose().as_str()), (code.clone(), "홍길동"));
    assert_eq!(said.course.title, title);

    stack.mail(&student.email, &format!("Your certificate for {title}")).await;
    let mails = stack.mails_to(&student.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("certificate")).count(), 1);
    assert!(mails.iter().any(|mail| mail.text.contains(&code)), "the link");

    // The message once more changes nothing.
    let user_id = text(&student.get("/users/profile").await.ok(), "id").parse().unwrap();
    let message = contracts::certify::Certify::Issue { user_id, enrollment_id: enrollment.parse().unwrap() };
    stack.send(&[message]).await;
    let stranger = stack.instructor().await;
    let refused = stranger.get(&format!("{path}/certificate")).await;
    assert_eq!(refused.status.as_u16(), 404);
    assert_eq!(student.get(&path).await.ok()["certificate_code"], code);
}
