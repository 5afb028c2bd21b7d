//! A user changes his password.

use axum::{Json, extract::State};
use domain::identity::SecurityEventKind;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, FreshlyChecked, Platform};
use kernel::Secret;
use serde::Deserialize;
use store::entities::{
    SecurityEvent,
    user::{PasswordChange, PasswordProof},
};

use super::{login, logout::Message, register};
use crate::{Hasher, Settings, reproof::Reproof};

/// The old password and the new one (seed 001 §4.9).
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"old_password": "correct horse battery staple", "new_password": "a better horse, and a staple"}))]
pub(crate) struct ChangePassword {
    #[garde(custom(login::check_length))]
    old_password: Secret<String>,
    /// At least 12 characters.
    #[garde(custom(register::check_length))]
    new_password: Secret<String>,
}

/// Changes the password and ends all other sessions. Here and not with the profile, since only this function has the memory that
/// Argon2 needs.
#[utoipa::path(
    put, path = "/users/change-password", operation_id = "change_password", tag = "users",
    request_body = ChangePassword,
    responses((status = 200, description = "Changed; other sessions have ended", body = Message)),
)]
pub(crate) async fn change_password(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(settings): State<Settings>,
    client: Client,
    FreshlyChecked(caller): FreshlyChecked,
    Body(sent): Body<ChangePassword>,
) -> ApiResult<Json<Message>> {
    let ambient = platform.ambient();
    let reproof = Reproof::begin(&platform, &settings, caller, &client).await?;
    let old_hash = reproof.password(&platform, &hasher, &sent.old_password, &client).await?;
    settings.check_password(&sent.new_password, &reproof.user)?;
    if hasher.verify(&sent.new_password, Some(&old_hash)) {
        return Err(ApiError::invalid("new_password", "must be another one than the old password"));
    }
    let kind = SecurityEventKind::PasswordChanged;
    let session = caller.session_id()?;
    let change = PasswordChange {
        user_id: caller.user_id,
        allowed_by: PasswordProof::Old { hash: old_hash, session },
        new_hash: hasher.hash(&sent.new_password).map_err(ApiError::internal)?,
        event: SecurityEvent::now(ambient, caller.user_id, kind, &client.ip_address, &client.device_info),
        strangers: Vec::new(),
    };
    if !platform.store().users().set_password(&change).await? {
        let message = "The password was changed at the same time. Try again with that one.";
        return Err(ApiError::conflict("PASSWORD_CHANGED_MEANWHILE", message));
    }
    platform.access().forget_user(caller.user_id);
    // They have ended with the change already; this tells the lists of sessions.
    platform.store().sessions().revoke_all(caller.user_id, Some(session), ambient.now()).await?;
    reproof.succeed(&platform).await?;
    Ok(Json(Message { message: "Password changed successfully".into() }))
}
