//! Somebody logs in.

use std::sync::Arc;

use axum::extract::State;
use domain::identity::{PASSWORD_MAX, normalize_email};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::Deserialize;
use store::entities::{LoginFacts, LoginName, LoginSource};

use crate::{
    Hasher, Settings, Signer,
    devices::{DeviceCookie, KnownDevice},
    sign_in::{self, LoginAnswer, Proof},
};

/// Who logs in: by address or by user name.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "user@example.com", "password": "correct horse battery staple"}))]
pub(crate) struct Login {
    #[garde(skip)]
    email: Option<Secret<String>>,
    /// Instead of the address.
    #[garde(skip)]
    username: Option<String>,
    #[garde(custom(check_length))]
    password: Secret<String>,
    /// The `device_token` of the last login here, where the client keeps no cookies.
    #[garde(skip)]
    device_token: Option<Secret<String>>,
}

pub(crate) fn check_length(password: &Secret<String>, _: &()) -> garde::Result {
    match password.expose().chars().count() {
        1..=PASSWORD_MAX => Ok(()),
        _ => Err(garde::Error::new(format!("must have 1 to {PASSWORD_MAX} characters"))),
    }
}

/// The refusal that tells nothing of whether the account exists.
pub(crate) fn wrong_credentials() -> ApiError {
    let message = "The address or the password is wrong. Check both and try again.";
    ApiError::unauthorized("INVALID_CREDENTIALS", message)
}

/// Begins a session, or asks for the second factor. An unknown account and a wrong password give the same answer after the
/// same time and the same calls of the database.
#[utoipa::path(
    post, path = "/auth/login", operation_id = "login", tag = "auth", security(()),
    request_body = Login,
    responses((status = 200, description = "Tokens of a new session, or `mfa_required` with a challenge", body = LoginAnswer)),
)]
pub(crate) async fn login(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(signer): State<Arc<Signer>>,
    State(settings): State<Settings>,
    client: Client,
    DeviceCookie(cookie): DeviceCookie,
    Body(who): Body<Login>,
) -> ApiResult<LoginAnswer> {
    let proof = prove(&platform, &hasher, &settings, &client, cookie, who).await?;
    sign_in::proceed(&platform, &signer, client, proof).await
}

/// Checks the password, and counts the attempt before it does.
pub(crate) async fn prove(
    platform: &Platform,
    hasher: &Hasher,
    settings: &Settings,
    client: &Client,
    cookie: Option<String>,
    who: Login,
) -> ApiResult<Proof> {
    let name = match (&who.email, who.username) {
        (Some(email), None) => LoginName::Email(normalize_email(email.expose())),
        (None, Some(name)) => LoginName::Username(name.to_lowercase()),
        _ => return Err(ApiError::invalid("email", "send either email or username")),
    };
    let token = who.device_token.map(Secret::into_inner).or(cookie);
    let known = match &token {
        Some(token) => KnownDevice::read(platform, token).await?,
        None => None,
    };
    let Attempt { source, facts, counted } = attempt(platform, settings, client, &name, known).await?;
    let stored = facts.user.as_ref().and_then(|user| user.password_hash.clone());
    if !hasher.verify(&who.password, stored.as_ref()) {
        let facts = match (&facts.user, &facts.device) {
            (Some(user), Some(device)) if !counted => {
                platform.store().logins().facts(user.id, Some(device.id), &source).await?
            }
            _ => facts,
        };
        sign_in::note_failure(platform, &source, &facts, client).await?;
        return Err(wrong_credentials());
    }
    let (Some(user), Some(stored)) = (facts.user, stored) else { return Err(wrong_credentials()) };
    Ok(Proof {
        rehashed: hasher.rehash(&who.password, &stored).map_err(ApiError::internal)?,
        user,
        device: facts.device,
        source: Some(source),
        verified_hash: Some(stored),
        second_factor: None,
        trust_device: false,
    })
}

/// An attempt that was let in.
struct Attempt {
    source: LoginSource,
    facts: LoginFacts,
    /// Whether the facts were read after the attempt was counted, and so count it.
    counted: bool,
}

/// Counts an attempt and reads what its check needs: on a device of the account in two calls, else in three.
async fn attempt(
    platform: &Platform,
    settings: &Settings,
    client: &Client,
    name: &LoginName,
    known: Option<KnownDevice>,
) -> ApiResult<Attempt> {
    let ambient = platform.ambient();
    let logins = platform.store().logins();
    let count = async |source: &LoginSource| {
        let per_minute = settings.logins_per_minute;
        let gate = logins.attempt(source, &client.ip_address, per_minute, ambient.now()).await?;
        sign_in::admit(gate)
    };
    let user_id = match known {
        None => logins.user_of(name).await?,
        Some(KnownDevice { user, device }) => {
            let source = sign_in::source_of(Some(user), name.text(), known, client);
            let facts = logins.facts_and_user_of(name, user, device, &source).await?;
            // A device that was forgotten is one like any other, whoever has its token.
            if facts.named == Some(user) && facts.device.is_some() {
                count(&source).await?;
                return Ok(Attempt { source, facts, counted: false });
            }
            facts.named
        }
    };
    let source = sign_in::source_of(user_id, name.text(), None, client);
    count(&source).await?;
    let facts = logins.facts(user_id.unwrap_or_else(|| ambient.id()), None, &source).await?;
    Ok(Attempt { source, facts, counted: true })
}
