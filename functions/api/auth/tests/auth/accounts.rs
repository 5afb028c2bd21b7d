//! Registration, login, refresh and sessions.

use api_auth::Settings;
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use testkit::{Caller, World, fields, world};

use crate::stage::{PASSWORD, account, app_on, bearer, platform, refresh, settings};

#[tokio::test]
async fn register_login_me_logout() {
    let (world, app) = platform().await;
    let made = app.post("/api/v1/auth/register/", None, account("John@Example.com")).await.expect(201);
    assert_eq!((&made.body["email"], &made.body["role"]), (&json!("John@Example.com"), &json!("student")));
    app.get("/api/v1/auth/me", &bearer(&world, &made)).await.expect(200);

    let login = json!({"email": " john@example.COM ", "password": PASSWORD});
    let login = app.post("/api/v1/auth/login", None, login).await.expect(200);
    assert_eq!(login.calls, 4, "throttle, guard, user, session");
    let caller = bearer(&world, &login);
    let me = app.get("/api/v1/auth/me", &caller).await.expect(200);
    assert_eq!(me.body["is_instructor"], false);
    assert_eq!(me.calls, 2, "the session and the user");
    assert_eq!(app.get("/api/v1/auth/me", &caller).await.calls, 1, "the session was checked just now");

    let name = made.text("username");
    app.post("/api/v1/auth/login", None, json!({"username": name, "password": PASSWORD})).await.expect(200);
    assert_eq!(
        app.get("/api/v1/auth/sessions", &caller).await.expect(200).body["results"].as_array().unwrap().len(),
        3
    );

    app.post("/api/v1/auth/logout", &caller, json!({})).await.expect(200);
    app.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
    refresh(&app, &login.text("refresh_token")).await.expect_error(401, "REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let (_, app) = platform().await;
    app.post("/api/v1/auth/register", None, account("a@example.com")).await.expect(201);
    let wrong = json!({"email": "a@example.com", "password": "not the password"});
    let wrong = app.post("/api/v1/auth/login", None, wrong).await.expect_error(401, "INVALID_CREDENTIALS");
    let unknown = json!({"email": "b@example.com", "password": PASSWORD});
    let unknown =
        app.post("/api/v1/auth/login", None, unknown).await.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(wrong.body, unknown.body);
}

#[tokio::test]
async fn one_account_an_address_whatever_its_case_and_whoever_races() {
    let (_, app) = platform().await;
    let tries = (0..20).map(|n| {
        let address = if n % 2 == 0 { "race@example.com" } else { "RACE@Example.com" };
        app.post("/api/v1/auth/register", None, account(address))
    });
    let replies = join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| reply.status == 201 || reply.code() == "EMAIL_TAKEN"));
    let mut named = account("other@example.com");
    named["username"] = json!("Somebody");
    app.post("/api/v1/auth/register", None, named.clone()).await.expect(201);
    named["email"] = json!("third@example.com");
    named["username"] = json!("somebody");
    app.post("/api/v1/auth/register", None, named).await.expect_error(409, "USERNAME_TAKEN");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_replay_ends_the_session() {
    let (world, app) = platform().await;
    let made = app.post("/api/v1/auth/register", None, account("a@example.com")).await.expect(201);
    let first = made.text("refresh_token");
    let rotated = refresh(&app, &first).await.expect(200);
    assert_eq!(rotated.calls, 2, "the session and what its user may do");
    let second = rotated.text("refresh");
    let third = refresh(&app, &second).await.expect(200);
    let caller = Caller { token: third.text("access"), ..bearer(&world, &made) };
    app.get("/api/v1/auth/me", &caller).await.expect(200);

    let replay = refresh(&app, &first).await.expect_error(401, "REFRESH_TOKEN_REUSED");
    assert_eq!(replay.calls, 2);
    refresh(&app, &third.text("refresh")).await.expect_error(401, "REFRESH_TOKEN_INVALID");
    app.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_token_that_we_never_made_is_no_replay() {
    let (world, app) = platform().await;
    let made = app.post("/api/v1/auth/register", None, account("a@example.com")).await.expect(201);
    let token = made.text("refresh_token");
    let parts: Vec<&str> = token.split('.').collect();
    let [session, secret, code] = parts[..] else { panic!("{token}") };
    for forged in [
        format!("{session}.anything"),
        format!("{session}.{}.{code}", "A".repeat(secret.len())),
        format!("{session}.{secret}"),
        format!("{session}.{secret}.{}", "A".repeat(code.len())),
    ] {
        refresh(&app, &forged).await.expect_error(401, "REFRESH_TOKEN_INVALID");
    }
    app.get("/api/v1/auth/me", &bearer(&world, &made)).await.expect(200);
    refresh(&app, &token).await.expect(200);
}

#[tokio::test]
async fn no_field_of_a_user_can_be_sent_along() {
    let (_, app) = platform().await;
    let asked = ["email", "username", "first_name", "last_name", "birthdate", "language"];
    for field in fields::of_a_user().into_iter().filter(|field| !asked.contains(&field.as_str())) {
        let mut body = account("a@example.com");
        body[&field] = json!(true);
        let reply =
            app.post("/api/v1/auth/register", None, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(&field).is_some(), "{field}: {:#}", reply.body);
    }
}

#[tokio::test]
async fn of_64_refreshes_with_one_token_exactly_one_succeeds() {
    let (_, app) = platform().await;
    for round in 0..200 {
        let made = app
            .post("/api/v1/auth/register", None, account(&format!("r{round}@example.com")))
            .await
            .expect(201);
        let token = made.text("refresh_token");
        let replies = join_all((0..64).map(|_| refresh(&app, &token))).await;
        // Exactly one: the first to arrive holds the live token and its write has no other condition; only those that come
        // after it can end the session.
        let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(won.len(), 1, "round {round}");
        assert!(replies.iter().all(|reply| reply.status == 200 || reply.status == 401));
        refresh(&app, &won[0].text("refresh")).await.expect_error(401, "REFRESH_TOKEN_INVALID");
    }
}

#[tokio::test]
async fn tokens_end_when_their_time_is_over() {
    let (world, app) = platform().await;
    let made = app.post("/api/v1/auth/register", None, account("a@example.com")).await.expect(201);
    let caller = bearer(&world, &made);
    world.advance(SignedDuration::from_mins(16));
    app.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
    let rotated = refresh(&app, &made.text("refresh_token")).await.expect(200);
    world.advance(SignedDuration::from_hours(24 * 7));
    refresh(&app, &rotated.text("refresh")).await.expect_error(401, "REFRESH_TOKEN_INVALID");
}

#[tokio::test]
async fn another_instance_believes_an_ended_session_for_five_seconds_at_most() {
    let (world, app) = platform().await;
    let made = app.post("/api/v1/auth/register", None, account("a@example.com")).await.expect(201);
    let caller = bearer(&world, &made);
    let access = http_kit::access::AccessKeys::parse(world::JWT_PUBLIC_KEYS, world::ISSUER).unwrap();
    let elsewhere = http_kit::Platform::new(
        world.store().clone(),
        world.ambient().clone(),
        access,
        world::BASE_URL,
        world::platform_secret(),
    );
    let (elsewhere, _) = app_on(&world, elsewhere, settings());
    elsewhere.get("/api/v1/auth/me", &caller).await.expect(200);
    app.post("/api/v1/auth/logout", &caller, json!({})).await.expect(200);
    world.advance(SignedDuration::from_secs(5));
    elsewhere.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_user_ends_his_sessions_and_nobody_elses() {
    let (world, app) = platform().await;
    let user = world.student().await;
    let second = world.login(user.id).await;
    let stranger = world.student().await;
    let path = format!("/api/v1/auth/sessions/{}", second.session);
    app.delete(&path, &stranger).await.expect_error(404, "SESSION_NOT_FOUND");
    app.get("/api/v1/auth/me", &second).await.expect(200);
    app.delete(&path, &user).await.expect(204);
    app.get("/api/v1/auth/me", &second).await.expect_error(401, "NOT_AUTHENTICATED");
    let third = world.login(user.id).await;
    app.post("/api/v1/auth/logout-all", &user, json!({})).await.expect(200);
    for caller in [&user, &third] {
        app.get("/api/v1/auth/me", caller).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    app.get("/api/v1/auth/me", &stranger).await.expect(200);
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let (_, app) = platform().await;
    let with = |name: &str, value: Value| {
        let mut body = account("a@example.com");
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("email", json!("nobody")), "email"),
        (with("email", json!(null)), "email"),
        (with("email", json!(format!("{}@example.com", "x".repeat(250)))), "email"),
        (with("password", json!("too short")), "password"),
        (with("password", json!("1".repeat(20))), "password"),
        (with("password", json!("x".repeat(129))), "password"),
        (with("password", json!("a@example.com")), "password"),
        (with("first_name", json!("  ")), "first_name"),
        (with("last_name", json!("x".repeat(101))), "last_name"),
        (with("username", json!("a b")), "username"),
        (with("role", json!("admin")), "role"),
        (with("id", json!("01933b7a-3c5e-7000-8000-4f2d1c9a7b10")), "id"),
    ] {
        let reply =
            app.post("/api/v1/auth/register", None, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
        assert!(!reply.body.to_string().contains("too short"), "no answer repeats a password");
    }
    for token in
        ["", "x", "01933b7a-3c5e-7000-8000-4f2d1c9a7b10.", "01933b7a-3c5e-7000-8000-4f2d1c9a7b10.abc"]
    {
        refresh(&app, token).await.expect_error(401, "REFRESH_TOKEN_INVALID");
    }
    app.post("/api/v1/auth/login", None, json!({"password": PASSWORD}))
        .await
        .expect_error(422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn an_address_that_tries_too_often_waits_and_a_closed_sign_up_says_so() {
    let world = World::new().await;
    let settings = Settings { logins_per_minute: 3, open_instructor_signup: false, ..settings() };
    let (app, _) = app_on(&world, world.platform.clone(), settings);
    let login = json!({"email": "a@example.com", "password": PASSWORD});
    for _ in 0..3 {
        app.post("/api/v1/auth/login", None, login.clone()).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    let refused = app.post("/api/v1/auth/login", None, login.clone()).await.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused.headers["retry-after"], "60");
    world.advance(SignedDuration::from_secs(60));
    app.post("/api/v1/auth/login", None, login).await.expect_error(401, "INVALID_CREDENTIALS");
    let mut teacher = account("t@example.com");
    teacher["as_instructor"] = json!(true);
    app.post("/api/v1/auth/register", None, teacher).await.expect_error(403, "INSTRUCTOR_SIGNUP_CLOSED");
}

#[tokio::test]
async fn the_public_keys_are_served_and_hold_no_private_part() {
    let (_, app) = platform().await;
    let keys = app.get("/.well-known/jwks.json", None).await.expect(200);
    assert_eq!(keys.headers["content-type"], "application/jwk-set+json");
    assert_eq!(keys.body["keys"][0]["kid"], "test");
    assert!(keys.body["keys"][0].get("d").is_none());
}
