//! Somebody logs in.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::identity::{PASSWORD_MAX, UserStatus, normalize_email};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::{Deserialize, Serialize};

use crate::{
    Hasher, Settings, Signer,
    views::{Tokens, UserView, begin_session},
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
}

fn check_length(password: &Secret<String>, _: &()) -> garde::Result {
    match password.expose().chars().count() {
        1..=PASSWORD_MAX => Ok(()),
        _ => Err(garde::Error::new(format!("must have 1 to {PASSWORD_MAX} characters"))),
    }
}

/// The user and his new session.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LoggedIn {
    #[serde(flatten)]
    tokens: Tokens,
    user: UserView,
}

/// Begins a session. An unknown account and a wrong password give the same answer after the same time.
#[utoipa::path(
    post, path = "/auth/login", operation_id = "login", tag = "auth", security(()),
    request_body = Login,
    responses((status = 200, description = "Tokens of a new session", body = LoggedIn)),
)]
pub(crate) async fn login(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(signer): State<Arc<Signer>>,
    State(settings): State<Settings>,
    client: Client,
    Body(who): Body<Login>,
) -> ApiResult<Json<LoggedIn>> {
    crate::throttle(&platform, &settings, "login", &client).await?;
    let users = platform.store().users();
    let user = match (&who.email, &who.username) {
        (Some(email), None) => users.by_email(&normalize_email(email.expose())).await?,
        (None, Some(name)) => users.by_username(&name.to_lowercase()).await?,
        _ => return Err(ApiError::invalid("email", "send either email or username")),
    };
    let matches = hasher.verify(&who.password, user.as_ref().map(|user| &user.password_hash));
    let Some(user) = user.filter(|user| matches && user.status != UserStatus::Deleted) else {
        let message = "The address or the password is wrong. Check both and try again.";
        return Err(ApiError::unauthorized("INVALID_CREDENTIALS", message));
    };
    if user.status == UserStatus::Banned {
        let message = "This account is banned. Write to the platform's support to appeal.";
        return Err(ApiError::forbidden("ACCOUNT_BANNED", message));
    }
    let tokens = begin_session(&platform, &signer, &user, client).await?;
    Ok(Json(LoggedIn { tokens, user: UserView::from(&user) }))
}
