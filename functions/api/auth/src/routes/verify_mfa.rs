//! Somebody whose password was right shows the second factor.

use std::sync::Arc;

use axum::extract::State;
use cloud::kms::Sealer;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::Deserialize;

use super::restore_account::bring_back;
use crate::{
    Signer,
    devices::{DeviceCookie, KnownDevice},
    second_factor,
    sign_in::{self, LoginAnswer, Proof},
};

/// The challenge and the answer.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "challenge_token": "Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw",
    "code": "123456",
    "trust_device": true,
}))]
pub(crate) struct VerifyMfa {
    /// From the login.
    #[garde(skip)]
    challenge_token: Secret<String>,
    /// Six digits of the authenticator, or a recovery code.
    #[garde(skip)]
    code: Secret<String>,
    /// Asks for no second factor on this device for 30 days.
    #[serde(default)]
    #[garde(skip)]
    trust_device: bool,
    /// The `device_token` of the last login here, where the client keeps no cookies.
    #[garde(skip)]
    device_token: Option<Secret<String>>,
}

fn ended() -> ApiError {
    let message = "This login has ended or had too many wrong codes. Log in again.";
    ApiError::unauthorized("CHALLENGE_ENDED", message)
}

/// Begins the session of a login that asked for the second factor. A challenge takes five codes, for five minutes; a code works
/// once, whoever sends it first.
#[utoipa::path(
    post, path = "/auth/mfa/verify", operation_id = "verify_mfa", tag = "auth", security(()),
    request_body = VerifyMfa,
    responses((status = 200, description = "Tokens of a new session", body = LoginAnswer)),
)]
pub(crate) async fn verify_mfa(
    State(platform): State<Platform>,
    State(signer): State<Arc<Signer>>,
    State(sealer): State<Sealer>,
    client: Client,
    DeviceCookie(cookie): DeviceCookie,
    Body(sent): Body<VerifyMfa>,
) -> ApiResult<LoginAnswer> {
    let now = platform.ambient().now();
    let factors = platform.store().second_factors();
    let challenge = factors.try_challenge(sent.challenge_token.expose(), now).await?.ok_or_else(ended)?;
    let user_id = challenge.user_id;
    let known = match sent.device_token.map(Secret::into_inner).or(cookie) {
        Some(token) => KnownDevice::read(&platform, &token).await?,
        None => None,
    };
    let source = sign_in::source_of(Some(user_id), "", known, &client);
    let device = known.filter(|_| source.known_device).map(|known| known.device);
    let facts = platform.store().logins().facts(user_id, device, &source).await?;
    let mfa = second_factor::enabled(&platform, user_id).await.map_err(|_| ended())?;
    let Some(factor) = second_factor::read(&sealer, &mfa, sent.code.expose(), now).await? else {
        sign_in::note_failure(&platform, &source, &facts, &client).await?;
        return Err(second_factor::wrong_code());
    };
    let Some(user) = facts.user.clone() else { return Err(ended()) };
    let proof = Proof {
        user,
        device: facts.device.clone(),
        source: Some(source.clone()),
        verified_hash: challenge.verified_hash.clone(),
        rehashed: None,
        second_factor: Some((challenge, factor)),
        trust_device: sent.trust_device,
    };
    let done = finish(&platform, &signer, client.clone(), proof).await;
    // Whether a recovery code exists is known only now.
    if done.as_ref().is_err_and(|error| error.code() == "MFA_CODE_INVALID") {
        sign_in::note_failure(&platform, &source, &facts, &client).await?;
    }
    done
}

/// Begins the session; first brings the account back, where that was what the challenge asked for.
async fn finish(
    platform: &Platform,
    signer: &Signer,
    client: Client,
    proof: Proof,
) -> ApiResult<LoginAnswer> {
    let Some((challenge, factor)) = proof.second_factor.as_ref().filter(|(challenge, _)| challenge.restores)
    else {
        return sign_in::proceed(platform, signer, client, proof).await;
    };
    if !platform.store().second_factors().answer(challenge, factor).await? {
        return Err(second_factor::wrong_code());
    }
    let user = bring_back(platform, &proof.user, &client).await?;
    let proof = Proof { user, second_factor: None, ..proof };
    sign_in::begin(platform, signer, client, proof).await.map(LoginAnswer::LoggedIn)
}
