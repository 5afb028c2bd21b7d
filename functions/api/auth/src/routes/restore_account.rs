//! A user takes the deletion of his account back.

use std::sync::Arc;

use axum::extract::State;
use domain::identity::{SecurityEventKind, UserStatus};
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use store::entities::{SecurityEvent, User, deletion::Restoration};

use super::login::{Login, prove};
use crate::{
    Hasher, Settings, Signer,
    devices::DeviceCookie,
    sign_in::{self, LoginAnswer, Proof},
};

/// Restores an account within 30 days of its deletion, and logs in. Address and password are checked as at a login; where the account has
/// a second factor, it is restored by `POST /auth/mfa/verify`.
#[utoipa::path(
    post, path = "/auth/restore", operation_id = "restore_account", tag = "auth", security(()),
    request_body = Login,
    responses((status = 200, description = "The account works again: tokens, or a question for the second factor", body = LoginAnswer)),
)]
pub(crate) async fn restore_account(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(signer): State<Arc<Signer>>,
    State(settings): State<Settings>,
    client: Client,
    DeviceCookie(cookie): DeviceCookie,
    Body(who): Body<Login>,
) -> ApiResult<LoginAnswer> {
    let proof = prove(&platform, &hasher, &settings, &client, cookie, who).await?;
    // The second factor first: who has the password alone must not undo what the owner did.
    if proof.user.status == UserStatus::Deleted && sign_in::needs_second_factor(&platform, &proof) {
        return sign_in::ask(&platform, proof, true).await;
    }
    let user = bring_back(&platform, &proof.user, &client).await?;
    sign_in::proceed(&platform, &signer, client, Proof { user, ..proof }).await
}

/// Undoes the deletion of an account whose owner has proved who he is.
pub(crate) async fn bring_back(platform: &Platform, user: &User, client: &Client) -> ApiResult<User> {
    let ambient = platform.ambient();
    let kind = SecurityEventKind::Restored;
    let event = SecurityEvent::now(ambient, user.id, kind, &client.ip_address, &client.device_info);
    match platform.store().deletions().restore(user, &event, ambient.now()).await? {
        Restoration::Done(user) => Ok(*user),
        Restoration::NotDeleted => {
            Err(ApiError::conflict("NOT_DELETED", "This account is not deleted. Log in."))
        }
        Restoration::TooLate => {
            let message = "The 30 days are over, the account is being erased. Register a new one.";
            Err(ApiError::forbidden("ACCOUNT_ERASED", message))
        }
    }
}
