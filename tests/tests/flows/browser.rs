//! A real browser watches a lesson, and leads an account from its registration on.

use std::process::Command;

use serde_json::json;

use super::{FILM, login_provider::Provider};
use crate::stack::{Person, Stack};

/// What the stand-in's button says (infra/local/identity_provider.py).
const PROVIDER: &str = "Local login";
const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web");

/// Runs a script of the client's browser tests; `more` is what it needs to know.
pub(super) fn run_in_browser(script: &str, person: &Person, more: &[(&str, &str)]) {
    let pictures = tempfile::tempdir().unwrap();
    let mut run = Command::new("node");
    run.arg(script).current_dir(WEB).env("OUT_DIR", pictures.path()).envs(more.iter().copied());
    run.env("BASE_URL", person.base());
    let done = run.output().expect("node is not on PATH: run this by `make test-system`, which installs it");
    let (said, complained) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}{complained}");
}

#[tokio::test]
async fn chromium_plays_five_seconds_and_is_shut_out_after_the_end() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("For the browser").await;
    let video = teacher.upload(&course.section, "film.mp4", &std::fs::read(FILM).unwrap(), "multipart").await;
    teacher.ready(&video).await;
    teacher.publish(&course, &video).await;
    student.enroll(&course.id).await;
    let login = [("STUDENT_EMAIL", student.email.as_str()), ("STUDENT_PASSWORD", student.password())];
    run_in_browser("e2e/watch.mjs", &student, &login);
}

#[tokio::test]
async fn chromium_makes_an_account_with_a_second_factor_and_one_of_a_provider() {
    let stack = Stack::open();
    let subject = stack.word();
    let claims = json!({"email": format!("{subject}@example.com"), "email_verified": true, "given_name": "Mina", "family_name": "Park"});
    Provider::of(&stack).knows(&subject, claims).await;
    let mailbox = stack.mailbox();
    let provider = [("MAILBOX", mailbox.as_str()), ("PROVIDER", PROVIDER), ("PROVIDER_USER", &subject)];
    run_in_browser("e2e/identity.mjs", &stack.visitor(), &provider);
}
