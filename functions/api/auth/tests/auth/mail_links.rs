//! Links in mails: the address is verified, a forgotten password is set anew. And the change of a known password.

use contracts::{Queue, notify::Notify};
use domain::identity::TokenPurpose;
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::json;

use crate::stage::{
    PASSWORD, bearer, confirmed, login_from, mailed, platform, platform_with_mail, refresh, registered, reset,
};

const OWNER: &str = "owner@example.com";
const HOME: &str = "203.0.113.7";
const BETTER: &str = "a better horse, and a staple";

#[tokio::test]
async fn a_link_verifies_the_address_once_and_for_a_day() {
    let (world, app) = platform().await;
    let (caller, made) = registered(&world, &app, OWNER).await;
    assert_eq!(made.body["email_verified"], false);
    let late = mailed(&world, &caller, OWNER, TokenPurpose::VerifyEmail).await;
    let other = mailed(&world, &caller, OWNER, TokenPurpose::ResetPassword).await;
    let verify = |token: String| {
        let app = app.clone();
        async move { app.post("/api/v1/auth/verify-email", None, json!({"token": token})).await }
    };
    verify(other).await.expect_error(422, "TOKEN_INVALID");
    world.advance(SignedDuration::from_hours(24));
    verify(late).await.expect_error(422, "TOKEN_INVALID");
    let token = mailed(&world, &caller, OWNER, TokenPurpose::VerifyEmail).await;
    let replies = join_all((0..10).map(|_| verify(token.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "it works once");
    let login = login_from(&app, OWNER, PASSWORD, HOME, None).await.expect(200);
    assert_eq!(login.body["user"]["email_verified"], true);
}

#[tokio::test]
async fn who_asks_for_a_reset_learns_nothing_of_the_address() {
    let (world, app, sent) = platform_with_mail().await;
    registered(&world, &app, OWNER).await;
    let ask = async |email: &str| {
        app.post("/api/v1/auth/password-reset", None, json!({"email": email})).await.expect(202)
    };
    let known = ask(OWNER).await;
    let unknown = ask("Nobody@Example.com").await;
    assert_eq!((known.body, known.calls), (unknown.body, unknown.calls));
    let texts = sent.take(Queue::Notify);
    let messages = texts.iter().map(|text| contracts::decode::<Notify>(text).unwrap());
    let reset = |email: &str| Notify::PasswordReset { email: email.into() };
    assert_eq!(messages.collect::<Vec<_>>(), [reset(OWNER), reset("nobody@example.com")]);
    ask(OWNER).await;
    ask(OWNER).await;
    let often = app.post("/api/v1/auth/password-reset", None, json!({"email": OWNER})).await;
    let often = often.expect_error(429, "RATE_LIMITED");
    assert_eq!(often.headers["retry-after"], "3600", "until the next hour begins");
}

#[tokio::test]
async fn a_reset_sets_the_password_ends_all_sessions_and_begins_none() {
    let (world, app) = platform().await;
    let (caller, made) = registered(&world, &app, OWNER).await;
    let token = mailed(&world, &caller, OWNER, TokenPurpose::ResetPassword).await;
    let confirm = |password: &'static str| {
        let (app, token) = (app.clone(), token.clone());
        async move {
            let body = json!({"token": token, "new_password": password});
            app.post("/api/v1/auth/password-reset/confirm", None, body).await
        }
    };
    confirm("short").await.expect_error(422, "VALIDATION_FAILED");
    confirm("password123456").await.expect_error(422, "VALIDATION_FAILED");
    let done = confirm(BETTER).await.expect(200);
    assert!(done.body.get("access_token").is_none());
    confirm(BETTER).await.expect_error(422, "TOKEN_INVALID");
    app.get("/api/v1/auth/me", &caller).await.expect(401);
    crate::stage::refresh(&app, &made.text("refresh_token")).await.expect(401);
    login_from(&app, OWNER, PASSWORD, HOME, None).await.expect_error(401, "INVALID_CREDENTIALS");
    login_from(&app, OWNER, BETTER, HOME, None).await.expect(200);
}

#[tokio::test]
async fn a_change_of_the_password_ends_the_other_sessions() {
    let (world, app) = platform().await;
    let (caller, made) = registered(&world, &app, OWNER).await;
    let other = login_from(&app, OWNER, PASSWORD, HOME, None).await.expect(200);
    let other = crate::stage::bearer(&world, &other);
    let change = async |old: &str, new: &str| {
        let body = json!({"old_password": old, "new_password": new});
        app.put("/api/v1/users/change-password", &caller, body).await
    };
    change("wrong", BETTER).await.expect_error(401, "WRONG_PASSWORD");
    change(PASSWORD, PASSWORD).await.expect_error(422, "VALIDATION_FAILED");
    change(PASSWORD, "short").await.expect_error(422, "VALIDATION_FAILED");
    change(PASSWORD, BETTER).await.expect(200);
    app.get("/api/v1/auth/me", &other).await.expect(401);
    app.get("/api/v1/auth/me", &caller).await.expect(200);
    crate::stage::refresh(&app, &made.text("refresh_token")).await.expect(200);
    for _ in 0..5 {
        change("wrong", BETTER).await.expect_error(401, "WRONG_PASSWORD");
    }
    change(BETTER, "another good horse there").await.expect_error(429, "ACCOUNT_LOCKED");
}

#[tokio::test]
async fn a_mail_to_verify_the_address_can_be_had_again_three_times_an_hour() {
    let (world, app, sent) = platform_with_mail().await;
    let (caller, _) = registered(&world, &app, OWNER).await;
    for _ in 0..3 {
        app.post("/api/v1/auth/resend-verification", &caller, json!({})).await.expect(202);
    }
    let often = app.post("/api/v1/auth/resend-verification", &caller, json!({})).await;
    often.expect_error(429, "RATE_LIMITED");
    assert_eq!(sent.take(Queue::Notify).len(), 3);
}

#[tokio::test]
async fn a_reset_ends_every_session_also_where_it_dies_in_the_middle() {
    let (world, app) = platform().await;
    let (caller, made) = confirmed(&world, &app, OWNER).await;
    world.advance(SignedDuration::from_secs(1));
    // All that a function got to that died after the transaction.
    let users = world.store().users();
    let (token, _) = store::entities::OneTimeToken::generate(
        world.ambient(),
        TokenPurpose::ResetPassword,
        caller.id,
        kernel::Secret::new(OWNER.into()),
    );
    world.store().one_time_tokens().issue(&token).await.unwrap();
    let user = users.get(caller.id).await.unwrap().unwrap();
    let kind = domain::identity::SecurityEventKind::PasswordReset;
    let change = store::entities::user::PasswordChange {
        user_id: caller.id,
        allowed_by: store::entities::user::PasswordProof::Token {
            token,
            last_changed: user.password_changed_at,
        },
        new_hash: kernel::Secret::new("$argon2id$v=19$m=64,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".into()),
        event: store::entities::SecurityEvent::now(world.ambient(), caller.id, kind, "", ""),
        strangers: Vec::new(),
    };
    assert!(users.set_password(&change).await.unwrap());
    world.advance(SignedDuration::from_secs(5));
    app.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
    let token = made.text("refresh_token");
    refresh(&app, &token).await.expect_error(401, "REFRESH_TOKEN_INVALID");
    let sessions = world.store().sessions().of_user(caller.id).await.unwrap();
    let now = world.ambient().now();
    assert!(sessions.iter().all(|session| !session.is_live(now)), "the refresh has told the list");
}

#[tokio::test]
async fn all_sessions_end_at_once_whatever_the_index_shows() {
    let (world, app) = platform().await;
    let (caller, made) = registered(&world, &app, OWNER).await;
    world.advance(SignedDuration::from_secs(1));
    world.store().users().end_own_sessions(caller.id, world.ambient().now()).await.unwrap();
    app.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
    refresh(&app, &made.text("refresh_token")).await.expect_error(401, "REFRESH_TOKEN_INVALID");
    world.advance(SignedDuration::from_secs(1));
    let again = bearer(&world, &login_from(&app, OWNER, PASSWORD, HOME, None).await.expect(200));
    let list = app.get("/api/v1/auth/sessions", &again).await.expect(200);
    assert_eq!(list.body["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_of_the_password_keeps_its_own_session_until_the_next_end() {
    let (world, app) = platform().await;
    let (_, made) = registered(&world, &app, OWNER).await;
    let session = world.store().sessions();
    let id = made.text("refresh_token").split('.').next().unwrap().parse().unwrap();
    let own = session.get(id).await.unwrap().unwrap();
    let caller = bearer(&world, &made);
    world.advance(SignedDuration::from_secs(1));
    let body = json!({"old_password": PASSWORD, "new_password": BETTER});
    app.put("/api/v1/users/change-password", &caller, body).await.expect(200);
    app.get("/api/v1/auth/me", &caller).await.expect(200);
    world.advance(SignedDuration::from_secs(1));
    world.store().users().end_own_sessions(own.user_id, world.ambient().now()).await.unwrap();
    world.advance(SignedDuration::from_secs(5));
    app.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn an_older_link_does_not_undo_a_reset() {
    let (world, app) = platform().await;
    let (caller, _) = registered(&world, &app, OWNER).await;
    let older = mailed(&world, &caller, OWNER, TokenPurpose::ResetPassword).await;
    let twin = mailed(&world, &caller, OWNER, TokenPurpose::ResetPassword).await;
    world.advance(SignedDuration::from_secs(1));
    let newer = mailed(&world, &caller, OWNER, TokenPurpose::ResetPassword).await;
    world.advance(SignedDuration::from_secs(1));
    let both = join_all([&newer, &twin].map(|token| reset(&app, token, BETTER))).await;
    assert_eq!(both.iter().filter(|reply| reply.status == 200).count(), 1, "of two at once one works");
    world.advance(SignedDuration::from_secs(1));
    reset(&app, &older, "the password of a thief").await.expect_error(422, "TOKEN_INVALID");
    login_from(&app, OWNER, BETTER, HOME, None).await.expect(200);
}
