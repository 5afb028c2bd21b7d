//! A user turns the second factor off.

use axum::{Json, extract::State};
use cloud::kms::Sealer;
use domain::identity::SecurityEventKind;
use garde::Validate;
use http_kit::{ApiResult, Body, Client, FreshlyChecked, Platform};
use kernel::Secret;
use serde::Deserialize;
use store::entities::SecurityEvent;

use super::{login::check_length, logout::Message};
use crate::{Hasher, Settings, reproof::Reproof};

/// Password and code together: neither a stolen phone nor a stolen password turns the second factor off.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery staple", "code": "123456"}))]
pub(crate) struct DisableMfa {
    /// Not needed for an account without a password.
    #[garde(inner(custom(check_length)))]
    password: Option<Secret<String>>,
    /// Six digits of the authenticator, or a recovery code.
    #[garde(skip)]
    code: Secret<String>,
}

/// Turns the second factor off. The owner is told by mail.
#[utoipa::path(
    post, path = "/auth/mfa/disable", operation_id = "disable_mfa", tag = "auth",
    request_body = DisableMfa,
    responses((status = 200, description = "It is off", body = Message)),
)]
pub(crate) async fn disable_mfa(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(sealer): State<Sealer>,
    State(settings): State<Settings>,
    client: Client,
    FreshlyChecked(caller): FreshlyChecked,
    Body(sent): Body<DisableMfa>,
) -> ApiResult<Json<Message>> {
    let ambient = platform.ambient();
    let reproof = Reproof::begin(&platform, &settings, caller, &client).await?;
    if reproof.user.password_hash.is_some() {
        let password = sent.password.unwrap_or_else(|| Secret::new(String::new()));
        reproof.password(&platform, &hasher, &password, &client).await?;
    }
    let factor = reproof.code(&platform, &sealer, sent.code.expose(), &client).await?;
    let kind = SecurityEventKind::MfaDisabled;
    let event = SecurityEvent::now(ambient, caller.user_id, kind, &client.ip_address, &client.device_info);
    if !platform.store().second_factors().disable(caller.user_id, &factor, &event).await? {
        return Err(reproof.wrong_code(&platform, &client).await?);
    }
    platform.store().devices().distrust_all(caller.user_id).await?;
    reproof.succeed(&platform).await?;
    Ok(Json(Message { message: "The second factor is off".into() }))
}
