//! Accounts and sessions as their owners, thieves and forgers see them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use api_auth::{Hasher, Settings, Signer, State};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;
use kernel::{Random, SignedDuration};
use serde_json::{Value, json};
use testkit::{App, Caller, Reply, World, world};

const PASSWORD: &str = "correct horse battery staple";

async fn platform() -> (World, App) {
    let world = World::new().await;
    let settings = Settings {
        logins_per_minute: 1_000,
        open_instructor_signup: true,
        public_keys: world::JWT_PUBLIC_KEYS.into(),
    };
    let app = app_with(&world, settings);
    (world, app)
}

fn app_with(world: &World, settings: Settings) -> App {
    // The cheapest parameters: what Argon2 costs is not what these tests are about.
    let hasher = Hasher::with_memory(world.ambient(), 64).unwrap();
    let signer = Signer::new(world::JWT_PRIVATE_KEY, world::JWT_PUBLIC_KEYS, world::ISSUER).unwrap();
    world.app(api_auth::router(), State::new(world.platform.clone(), hasher, signer, settings))
}

fn account(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "first_name": "John", "last_name": "Doe"})
}

async fn refresh(app: &App, token: &str) -> Reply {
    app.post("/api/v1/auth/refresh", None, json!({"refresh": token})).await
}

fn bearer(world: &World, reply: &Reply) -> Caller {
    let id = reply.body["id"].as_str().or(reply.body["user"]["id"].as_str()).unwrap().parse().unwrap();
    Caller { id, session: world.ambient().id(), token: reply.text("access_token") }
}

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
    assert_eq!(rotated.calls, 1);
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
async fn of_64_refreshes_with_one_token_at_most_one_succeeds() {
    let (_, app) = platform().await;
    for round in 0..10 {
        let made = app
            .post("/api/v1/auth/register", None, account(&format!("r{round}@example.com")))
            .await
            .expect(201);
        let token = made.text("refresh_token");
        let replies = join_all((0..64).map(|_| refresh(&app, &token))).await;
        let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert!(won.len() <= 1, "round {round}: {} successors", won.len());
        assert!(replies.iter().all(|reply| reply.status == 200 || reply.status == 401));
        for winner in won {
            refresh(&app, &winner.text("refresh")).await.expect_error(401, "REFRESH_TOKEN_INVALID");
        }
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
        kernel::cursor::CursorKey::new("x".repeat(32)),
    );
    let hasher = Hasher::with_memory(world.ambient(), 64).unwrap();
    let signer = Signer::new(world::JWT_PRIVATE_KEY, world::JWT_PUBLIC_KEYS, world::ISSUER).unwrap();
    let settings =
        Settings { logins_per_minute: 10, open_instructor_signup: false, public_keys: String::new() };
    let elsewhere = world.app(api_auth::router(), State::new(elsewhere, hasher, signer, settings));
    elsewhere.get("/api/v1/auth/me", &caller).await.expect(200);
    app.post("/api/v1/auth/logout", &caller, json!({})).await.expect(200);
    world.advance(SignedDuration::from_secs(5));
    elsewhere.get("/api/v1/auth/me", &caller).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_user_ends_his_sessions_and_nobody_elses() {
    let (world, app) = platform().await;
    let user = world.student().await;
    let second = world.login(user.id, domain::identity::Role::Student).await;
    let stranger = world.student().await;
    let path = format!("/api/v1/auth/sessions/{}", second.session);
    app.delete(&path, &stranger).await.expect_error(404, "SESSION_NOT_FOUND");
    app.get("/api/v1/auth/me", &second).await.expect(200);
    app.delete(&path, &user).await.expect(204);
    app.get("/api/v1/auth/me", &second).await.expect_error(401, "NOT_AUTHENTICATED");
    let third = world.login(user.id, domain::identity::Role::Student).await;
    app.post("/api/v1/auth/logout-all", &user, json!({})).await.expect(200);
    for caller in [&user, &third] {
        app.get("/api/v1/auth/me", caller).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    app.get("/api/v1/auth/me", &stranger).await.expect(200);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let (world, app) = platform().await;
    let caller = world.student().await;
    app.get("/api/v1/auth/me", &caller).await.expect(200);
    let parts: Vec<&str> = caller.token.split('.').collect();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let with = |base: &Value, changes: Value| {
        let mut value = base.clone();
        for (name, new) in changes.as_object().unwrap() {
            value[name] = new.clone();
        }
        value
    };
    let header_forged =
        |changes: Value| format!("{}.{}.{}", encode(&with(&header, changes)), parts[1], parts[2]);
    let claims_forged =
        |changes: Value| format!("{}.{}.{}", parts[0], encode(&with(&claims, changes)), parts[2]);
    let stranger = world.student().await;
    // Signed with our own key, but not as we sign.
    let sign = |header: jsonwebtoken::Header, claims: &Value| {
        let key = jsonwebtoken::EncodingKey::from_ed_pem(world::JWT_PRIVATE_KEY.as_bytes()).unwrap();
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let ours = |typ: Option<&str>, kid: Option<&str>| {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.typ = typ.map(Into::into);
        header.kid = kid.map(Into::into);
        header
    };
    let good = || ours(Some("at+jwt"), Some("test"));
    let hmac_with_public_key = {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some("test".into());
        let secret = jsonwebtoken::EncodingKey::from_secret(world::JWT_PUBLIC_KEYS.as_bytes());
        jsonwebtoken::encode(&header, &claims, &secret).unwrap()
    };
    let far = claims["exp"].as_i64().unwrap() + 3600;
    let forgeries = [
        String::new(),
        "x".into(),
        "a.b.c".into(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}A", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([0u8; 64])),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(Random::seeded(3).bytes::<64>())),
        header_forged(json!({"alg": "none"})),
        header_forged(json!({"alg": "None"})),
        header_forged(json!({"alg": "HS256"})),
        header_forged(json!({"alg": "RS256"})),
        header_forged(json!({"alg": "ES256"})),
        header_forged(json!({"kid": "other"})),
        header_forged(json!({"kid": "../test"})),
        header_forged(json!({"jku": "https://evil.example/jwks.json"})),
        header_forged(json!({"x5u": "https://evil.example/cert.pem"})),
        header_forged(json!({"crit": ["exp"]})),
        hmac_with_public_key,
        claims_forged(json!({"sub": stranger.id})),
        claims_forged(json!({"sid": stranger.session})),
        claims_forged(json!({"exp": far})),
        sign(good(), &with(&claims, json!({"sub": stranger.id}))),
        sign(good(), &with(&claims, json!({"sid": stranger.session}))),
        sign(good(), &with(&claims, json!({"exp": far}))),
        sign(good(), &with(&claims, json!({"iat": far}))),
        sign(good(), &with(&claims, json!({"iss": "https://evil.example"}))),
        sign(good(), &with(&claims, json!({"aud": "another-api"}))),
        sign(ours(Some("JWT"), Some("test")), &claims),
        sign(ours(None, Some("test")), &claims),
        sign(ours(Some("at+jwt"), None), &claims),
        sign(good(), &json!({"sub": caller.id})),
    ];
    for (number, token) in forgeries.into_iter().enumerate() {
        let forged = Caller { token: token.clone(), ..caller.clone() };
        let reply = app.get("/api/v1/auth/me", &forged).await;
        assert_eq!(reply.status, 401, "forgery {number}: {token}");
    }
    app.get("/api/v1/auth/me", &caller).await.expect(200);
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
    let settings =
        Settings { logins_per_minute: 3, open_instructor_signup: false, public_keys: String::new() };
    let app = app_with(&world, settings);
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
