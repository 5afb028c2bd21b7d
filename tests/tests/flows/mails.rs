//! Mails from the click that asks for one to the effect of its link, and what SES says of those that can't be delivered.

use contracts::notify::Notify;
use serde_json::json;
use store::entities::mail::Suppressed;

use crate::stack::{Stack, text};

const NEW_PASSWORD: &str = "a better horse, and a staple";

#[tokio::test]
async fn a_new_user_confirms_his_address_by_the_link_of_a_mail() {
    let stack = Stack::open();
    let person = stack.student().await;
    assert_eq!(person.get("/auth/me").await.ok()["email_verified"], false);

    let mail = stack.mail(&person.email, "Confirm your e-mail address").await;
    let token = mail.token("/verify-email");
    assert!(mail.link("/verify-email").starts_with(person.base()), "{}", mail.text);
    let visitor = stack.visitor();
    visitor.post("/auth/verify-email", json!({"token": token})).await.ok();
    assert_eq!(person.get("/auth/me").await.ok()["email_verified"], true);
    let again = visitor.post("/auth/verify-email", json!({"token": token})).await;
    assert_eq!(again.code(), "TOKEN_INVALID", "a link works once");
}

#[tokio::test]
async fn who_forgot_his_password_sets_a_new_one_and_is_told_of_it() {
    let stack = Stack::open();
    let (person, visitor) = (stack.student().await, stack.visitor());
    visitor.post("/auth/password-reset", json!({"email": person.email})).await.ok();
    let mail = stack.mail(&person.email, "Set a new password").await;
    let reset = json!({"token": mail.token("/reset-password"), "new_password": NEW_PASSWORD});
    visitor.post("/auth/password-reset/confirm", reset).await.ok();

    let old = json!({"email": person.email, "password": person.password()});
    assert_eq!(visitor.post("/auth/login", old).await.status, 401);
    let new = json!({"email": person.email, "password": NEW_PASSWORD});
    let logged_in = visitor.post("/auth/login", new).await.ok();
    assert!(!text(&logged_in, "access_token").is_empty());

    let notice = stack.mail(&person.email, "A new password was set").await;
    assert!(notice.text.contains("Time: ") && notice.text.contains("UTC"), "{}", notice.text);
    assert!(notice.link("/forgot-password").starts_with(person.base()), "{}", notice.text);
    assert!(notice.headers.is_none_or(|headers| headers.is_empty()), "a notice can't be turned off");
}

#[tokio::test]
async fn an_address_that_bounces_or_complains_gets_nothing_more() {
    let stack = Stack::open();
    for (box_name, reason) in [("bounce", Suppressed::Bounce), ("complaint", Suppressed::Complaint)] {
        // The mailbox simulator takes labels.
        let email = format!("{box_name}+{}@simulator.amazonses.com", stack.word());
        let account =
            json!({"email": email, "password": NEW_PASSWORD, "first_name": "Ada", "last_name": "Lim"});
        stack.visitor().post("/auth/register", account).await.ok();
        stack.mail(&email, "Confirm your e-mail address").await;
        assert_eq!(stack.suppressed(&email).await, reason);

        // A message of a person after it says when the one before was handled.
        let other = stack.student().await;
        let ask = |email: &str| Notify::PasswordReset { email: email.to_owned() };
        stack.send(&[ask(&email)]).await;
        stack.send(&[ask(&other.email)]).await;
        stack.mail(&other.email, "Set a new password").await;
        assert_eq!(stack.mails_to(&email).await.len(), 1, "{box_name}");
    }
}
