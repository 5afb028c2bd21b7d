//! A user shows that an address is his.

use axum::{Json, extract::State};
use domain::identity::{SecurityEventKind, TokenPurpose};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::Deserialize;
use store::entities::SecurityEvent;

use super::logout::Message;
use crate::Settings;

/// The token from the mail.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw"}))]
pub(crate) struct VerifyEmail {
    #[garde(skip)]
    token: Secret<String>,
}

/// The refusal of a token from a mail.
pub(crate) fn dead_link() -> ApiError {
    let message = "This link was used or is too old. Ask for a new one.";
    ApiError::unprocessable("TOKEN_INVALID", message)
}

/// Notes that the address is the owner's. The token works once, for a day.
#[utoipa::path(
    post, path = "/auth/verify-email", operation_id = "verify_email", tag = "auth", security(()),
    request_body = VerifyEmail,
    responses((status = 200, description = "The address is verified", body = Message)),
)]
pub(crate) async fn verify_email(
    State(platform): State<Platform>,
    State(settings): State<Settings>,
    client: Client,
    Body(sent): Body<VerifyEmail>,
) -> ApiResult<Json<Message>> {
    crate::throttle(&platform, &settings, "verify-email", &client).await?;
    let now = platform.ambient().now();
    let tokens = platform.store().one_time_tokens();
    let token =
        tokens.find(sent.token.expose(), TokenPurpose::VerifyEmail, now).await?.ok_or_else(dead_link)?;
    let kind = SecurityEventKind::EmailVerified;
    let event =
        SecurityEvent::now(platform.ambient(), token.user_id, kind, &client.ip_address, &client.device_info);
    if !platform.store().users().verify_email(&token, &event).await? {
        return Err(dead_link());
    }
    Ok(Json(Message { message: "The address is verified".into() }))
}
