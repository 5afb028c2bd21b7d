//! Somebody forgot his password.

use axum::{Json, extract::State};
use contracts::notify::Notify;
use domain::identity::normalize_email;
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, Client, Platform};
use jobs::Publisher;
use kernel::Secret;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{logout::Message, register::check_email};
use crate::Settings;

/// Mails that are sent to one address in an hour.
const PER_HOUR: u32 = 3;

/// The address of the account.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "user@example.com"}))]
pub(crate) struct RequestPasswordReset {
    #[garde(custom(check_email))]
    email: Secret<String>,
}

/// Mails a link that sets a new password, where the address has an account. The answer is the same for every address, and nothing
/// here looks the account up: who writes the mail does.
#[utoipa::path(
    post, path = "/auth/password-reset", operation_id = "request_password_reset", tag = "auth", security(()),
    request_body = RequestPasswordReset,
    responses((status = 202, description = "A mail is on its way, where the address has an account", body = Message)),
)]
pub(crate) async fn request_password_reset(
    State(platform): State<Platform>,
    State(publisher): State<Publisher>,
    State(settings): State<Settings>,
    client: Client,
    Body(sent): Body<RequestPasswordReset>,
) -> ApiResult<(StatusCode, Json<Message>)> {
    crate::throttle(&platform, &settings, "password-reset", &client).await?;
    let email = normalize_email(sent.email.expose());
    let hash: String = Sha256::digest(email.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let now = platform.ambient().now();
    if platform.store().rates().hit(&format!("password-reset:{hash}"), now, 3600).await? > PER_HOUR {
        return Err(crate::too_often(now, 3600));
    }
    publisher.send(&Notify::PasswordReset { email }).await?;
    let message = "If the address has an account, a mail with a link is on its way.".into();
    Ok((StatusCode::ACCEPTED, Json(Message { message })))
}
