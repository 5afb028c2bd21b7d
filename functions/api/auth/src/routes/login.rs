//! Somebody logs in.

use std::sync::Arc;

use axum::extract::State;
use domain::identity::{PASSWORD_MAX, normalize_email};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::Deserialize;

use crate::{
    Hasher, Settings, Signer,
    devices::{DeviceCookie, KnownDevice},
    sign_in::{self, LoginAnswer, Proof},
};

/// Who logs in: by address or by user name.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    #[garde(skip)]
    #[schema(example = "user@example.com")]
    email: Option<Secret<String>>,
    /// Instead of the address.
    #[garde(skip)]
    username: Option<String>,
    #[garde(custom(check_length))]
    #[schema(example = "correct horse battery staple")]
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
    let ambient = platform.ambient();
    let logins = platform.store().logins();
    let (name, user_id) = match (&who.email, &who.username) {
        (Some(email), None) => {
            let normal = normalize_email(email.expose());
            let user_id = logins.user_of_email(&normal).await?;
            (normal, user_id)
        }
        (None, Some(name)) => {
            let lower = name.to_lowercase();
            let user_id = logins.user_of_username(&lower).await?;
            (lower, user_id)
        }
        _ => return Err(ApiError::invalid("email", "send either email or username")),
    };
    let token = who.device_token.map(Secret::into_inner).or(cookie);
    let known = match &token {
        Some(token) => KnownDevice::read(platform, token).await?,
        None => None,
    };
    let source = sign_in::source_of(user_id, &name, known, client);
    let gate = logins.attempt(&source, &client.ip_address, settings.logins_per_minute, ambient.now()).await?;
    sign_in::admit(gate)?;
    let device = known.filter(|_| source.known_device).map(|known| known.device);
    let account = user_id.unwrap_or_else(|| ambient.id());
    let facts = logins.facts(account, device, &source).await?;
    let (source, facts) = if source.known_device && facts.device.is_none() {
        // A device that was forgotten is one like any other, whoever has its token.
        let source = sign_in::source_of(user_id, &name, None, client);
        let gate =
            logins.attempt(&source, &client.ip_address, settings.logins_per_minute, ambient.now()).await?;
        sign_in::admit(gate)?;
        let facts = logins.facts(account, None, &source).await?;
        (source, facts)
    } else {
        (source, facts)
    };
    let stored = facts.user.as_ref().and_then(|user| user.password_hash.clone());
    if !hasher.verify(&who.password, stored.as_ref()) {
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
