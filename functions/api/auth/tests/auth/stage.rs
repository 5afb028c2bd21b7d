//! What the tests of this group begin with.

use api_auth::{Hasher, Settings, Signer, State};
use cloud::kms::Sealer;
use domain::identity::{PasswordRules, TokenPurpose};
use http_kit::Platform;
use jobs::{Publisher, Sent};
use kernel::Secret;
use serde_json::{Value, json};
use store::entities::OneTimeToken;
use testkit::{App, Caller, Reply, World, world};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) fn settings() -> Settings {
    Settings {
        logins_per_minute: 100_000,
        open_instructor_signup: true,
        public_keys: world::JWT_PUBLIC_KEYS.into(),
        password_rules: PasswordRules::default(),
        minimum_age: 14,
        require_terms: false,
    }
}

pub(crate) async fn platform() -> (World, App) {
    let (world, app, _) = platform_with_mail().await;
    (world, app)
}

pub(crate) async fn platform_with_mail() -> (World, App, Sent) {
    let world = World::new().await;
    let (app, sent) = app_on(&world, world.platform.clone(), settings());
    (world, app, sent)
}

pub(crate) fn app_on(world: &World, platform: Platform, settings: Settings) -> (App, Sent) {
    let (state, sent) = state_on(world, platform, settings);
    (world.app(api_auth::router(), state), sent)
}

pub(crate) fn state_on(world: &World, platform: Platform, settings: Settings) -> (State, Sent) {
    // The cheapest parameters: what Argon2 costs is not what these tests are about.
    let hasher = Hasher::with_memory(world.ambient(), 64).unwrap();
    state_with_hasher(world, platform, settings, hasher)
}

pub(crate) fn state_with_hasher(
    world: &World,
    platform: Platform,
    settings: Settings,
    hasher: Hasher,
) -> (State, Sent) {
    let signer = Signer::new(world::JWT_PRIVATE_KEY, world::JWT_PUBLIC_KEYS, world::ISSUER).unwrap();
    let sealer = Sealer::with_local_key_for_tests([7; 32], world.ambient().random.clone());
    let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
    (State::new(platform, hasher, signer, sealer, publisher, settings), sent)
}

pub(crate) fn account(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "first_name": "John", "last_name": "Doe"})
}

/// Registers an account; gives its caller and the answer.
pub(crate) async fn registered(world: &World, app: &App, email: &str) -> (Caller, Reply) {
    let made = app.post("/api/v1/auth/register", None, account(email)).await.expect(201);
    (bearer(world, &made), made)
}

/// Registers an account whose address is shown to be its owner's.
pub(crate) async fn confirmed(world: &World, app: &App, email: &str) -> (Caller, Reply) {
    let (caller, made) = registered(world, app, email).await;
    let mut user = world.store().users().get(caller.id).await.unwrap().unwrap();
    user.email_verified_at = Some(user.created_at);
    world.store().put(&user).await.unwrap();
    (caller, made)
}

/// The token that a mail for this purpose would hold.
pub(crate) async fn mailed(world: &World, caller: &Caller, email: &str, purpose: TokenPurpose) -> String {
    let email = Secret::new(email.to_owned());
    let (token, text) = OneTimeToken::generate(world.ambient(), purpose, caller.id, email);
    world.store().one_time_tokens().issue(&token).await.unwrap();
    text.into_inner()
}

/// Sets a password by the token of a mail.
pub(crate) async fn reset(app: &App, token: &str, password: &str) -> Reply {
    let body = json!({"token": token, "new_password": password});
    app.post("/api/v1/auth/password-reset/confirm", None, body).await
}

pub(crate) async fn refresh(app: &App, token: &str) -> Reply {
    app.post("/api/v1/auth/refresh", None, json!({"refresh": token})).await
}

/// Logs in from a network address, on the device that a token names.
pub(crate) async fn login_from(
    app: &App,
    email: &str,
    password: &str,
    ip: &str,
    device: Option<&str>,
) -> Reply {
    let mut body = json!({"email": email, "password": password});
    if let Some(device) = device {
        body["device_token"] = json!(device);
    }
    app.at(ip).post("/api/v1/auth/login", None, body).await
}

pub(crate) fn bearer(world: &World, reply: &Reply) -> Caller {
    let id = reply.body["id"].as_str().or(reply.body["user"]["id"].as_str()).unwrap().parse().unwrap();
    Caller { id, session: world.ambient().id(), token: reply.text("access_token") }
}
