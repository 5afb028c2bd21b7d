//! A user gets new recovery codes.

use axum::{Json, extract::State};
use cloud::kms::Sealer;
use domain::identity::SecurityEventKind;
use garde::Validate;
use http_kit::{ApiResult, Body, Client, Platform, RecentlySignedIn};
use kernel::Secret;
use serde::Deserialize;
use store::entities::SecurityEvent;

use crate::{
    Settings,
    reproof::Reproof,
    second_factor::{self, RecoveryCodes},
};

/// A code that shows the second factor.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub(crate) struct RenewRecoveryCodes {
    #[garde(skip)]
    code: Secret<String>,
}

/// Replaces all recovery codes by new ones, which are shown this once.
#[utoipa::path(
    post, path = "/auth/mfa/recovery-codes", operation_id = "renew_recovery_codes", tag = "auth",
    request_body = RenewRecoveryCodes,
    responses((status = 200, description = "The new codes; the old ones do not work any more", body = RecoveryCodes)),
)]
pub(crate) async fn renew_recovery_codes(
    State(platform): State<Platform>,
    State(sealer): State<Sealer>,
    State(settings): State<Settings>,
    client: Client,
    RecentlySignedIn(caller): RecentlySignedIn,
    Body(sent): Body<RenewRecoveryCodes>,
) -> ApiResult<Json<RecoveryCodes>> {
    let ambient = platform.ambient();
    let reproof = Reproof::begin(&platform, &settings, caller, &client).await?;
    let factor = reproof.code(&platform, &sealer, sent.code.expose(), &client).await?;
    let (shown, stored) = second_factor::new_recovery_codes(ambient, caller.user_id);
    let kind = SecurityEventKind::RecoveryCodesRenewed;
    let event = SecurityEvent::now(ambient, caller.user_id, kind, &client.ip_address, &client.device_info);
    let factors = platform.store().second_factors();
    if !factors.renew_recovery_codes(caller.user_id, &factor, &stored, &event).await? {
        return Err(reproof.wrong_code(&platform, &client).await?);
    }
    reproof.succeed(&platform).await?;
    Ok(Json(shown))
}
