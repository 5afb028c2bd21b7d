//! Somebody sets a new password by the link of a mail.

use axum::{Json, extract::State};
use domain::identity::{SecurityEventKind, TokenPurpose};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::Deserialize;
use store::entities::{
    SecurityEvent,
    user::{PasswordChange, PasswordProof},
};

use super::{logout::Message, register::check_length, verify_email::dead_link};
use crate::{Hasher, Settings};

/// The token from the mail, and the new password.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw",
    "new_password": "a better horse, and a staple",
}))]
pub(crate) struct ConfirmPasswordReset {
    #[garde(skip)]
    token: Secret<String>,
    /// At least 12 characters.
    #[garde(custom(check_length))]
    new_password: Secret<String>,
}

/// Sets the new password, ends all sessions and trusts no device any more. Where nobody had shown the address to be his before,
/// it unlinks all logins of providers too. The second factor stays as it is: the mailbox alone does not
/// open an account that has one.
#[utoipa::path(
    post, path = "/auth/password-reset/confirm", operation_id = "confirm_password_reset", tag = "auth", security(()),
    request_body = ConfirmPasswordReset,
    responses((status = 200, description = "The password is set; log in with it", body = Message)),
)]
pub(crate) async fn confirm_password_reset(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(settings): State<Settings>,
    client: Client,
    Body(sent): Body<ConfirmPasswordReset>,
) -> ApiResult<Json<Message>> {
    crate::throttle(&platform, &settings, "password-reset-confirm", &client).await?;
    let ambient = platform.ambient();
    let tokens = platform.store().one_time_tokens();
    let purpose = TokenPurpose::ResetPassword;
    let token = tokens.find(sent.token.expose(), purpose, ambient.now()).await?.ok_or_else(dead_link)?;
    let user_id = token.user_id;
    let user = platform.store().users().get(user_id).await?.ok_or_else(dead_link)?;
    // Who reads an older mail must not undo the reset by which its owner locked him out.
    if user.password_changed_at.is_some_and(|changed| changed > token.created_at) {
        return Err(dead_link());
    }
    settings.check_password(&sent.new_password, &user)?;
    // Who shows first that the address is his takes the account over from whoever registered with it.
    let strangers = match user.email_verified_at {
        Some(_) => Vec::new(),
        None => platform.store().socials().links_of(user_id).await?,
    };
    let kind = SecurityEventKind::PasswordReset;
    let change = PasswordChange {
        user_id,
        allowed_by: PasswordProof::Token { token, last_changed: user.password_changed_at },
        new_hash: hasher.hash(&sent.new_password).map_err(ApiError::internal)?,
        event: SecurityEvent::now(ambient, user_id, kind, &client.ip_address, &client.device_info),
        strangers,
    };
    if !platform.store().users().set_password(&change).await? {
        return Err(dead_link());
    }
    platform.access().forget_user(user_id);
    // They have ended with the change already; this tells the lists of sessions.
    platform.store().sessions().revoke_all(user_id, None, ambient.now()).await?;
    platform.store().devices().distrust_all(user_id).await?;
    Ok(Json(Message { message: "The password is set. Log in with it.".into() }))
}
