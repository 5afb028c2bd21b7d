//! A user turns the second factor on.

use axum::{Json, extract::State};
use cloud::kms::Sealer;
use domain::identity::SecurityEventKind;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform, RecentlySignedIn};
use kernel::Secret;
use serde::Deserialize;
use store::entities::{SecondFactor, SecurityEvent};

use crate::{
    Settings,
    reproof::Reproof,
    second_factor::{self, RecoveryCodes},
};

/// A code of the authenticator that was just set up.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub(crate) struct EnableMfa {
    #[garde(skip)]
    code: Secret<String>,
}

/// Turns the second factor on and gives the recovery codes, which are shown this once.
#[utoipa::path(
    post, path = "/auth/mfa/enable", operation_id = "enable_mfa", tag = "auth",
    request_body = EnableMfa,
    responses((status = 200, description = "It is on; the recovery codes", body = RecoveryCodes)),
)]
pub(crate) async fn enable_mfa(
    State(platform): State<Platform>,
    State(sealer): State<Sealer>,
    State(settings): State<Settings>,
    client: Client,
    RecentlySignedIn(caller): RecentlySignedIn,
    Body(sent): Body<EnableMfa>,
) -> ApiResult<Json<RecoveryCodes>> {
    let ambient = platform.ambient();
    let factors = platform.store().second_factors();
    let Some(mfa) = factors.of_user(caller.user_id).await? else {
        let message = "POST /auth/mfa/setup first, and add its secret to an authenticator app.";
        return Err(ApiError::conflict("MFA_NOT_SET_UP", message));
    };
    let reproof = Reproof::begin(&platform, &settings, caller, &client).await?;
    let typed = second_factor::read(&sealer, &mfa, sent.code.expose(), ambient.now()).await?;
    let Some(SecondFactor::Step(step)) = typed else {
        return Err(reproof.wrong_code(&platform, &client).await?);
    };
    let (shown, stored) = second_factor::new_recovery_codes(ambient, caller.user_id);
    let kind = SecurityEventKind::MfaEnabled;
    let event = SecurityEvent::now(ambient, caller.user_id, kind, &client.ip_address, &client.device_info);
    if !factors.enable(&mfa, step, &stored, &event).await? {
        let message = "There is a second factor already. Turn it off before you set up another one.";
        return Err(ApiError::conflict("MFA_ON", message));
    }
    reproof.succeed(&platform).await?;
    Ok(Json(shown))
}
