//! Users, sessions and tokens as the API shows them.

use domain::identity::Role;
use http_kit::ApiError;
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Session, User};

/// A user as he sees himself (seed 001 §4.2).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UserView {
    id: Id<kinds::User>,
    #[schema(example = "user@example.com")]
    email: Secret<String>,
    #[schema(example = "john")]
    username: String,
    #[schema(example = "John")]
    first_name: Secret<String>,
    #[schema(example = "Doe")]
    last_name: Secret<String>,
    role: Role,
    is_instructor: bool,
    /// Whether he followed the link that was mailed to the address.
    email_verified: bool,
    /// Whether a login asks for a second factor.
    mfa_enabled: bool,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            username: user.username.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            role: user.role,
            is_instructor: user.role >= Role::Instructor,
            email_verified: user.email_verified_at.is_some(),
            mfa_enabled: user.mfa_enabled,
        }
    }
}

/// What proves a session to the API.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Tokens {
    /// Goes into `Authorization: Bearer`; valid for 15 minutes.
    pub(crate) access_token: Secret<String>,
    /// Goes into `POST /auth/refresh`; valid for 7 days and for one use.
    pub(crate) refresh_token: Secret<String>,
}

/// A session of the caller (seed 003, RefreshToken).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SessionView {
    pub(crate) id: Id<kinds::Session>,
    device_info: String,
    /// The network address at the login; of a session of more than three weeks its network.
    #[schema(example = "203.0.113.7")]
    ip_address: String,
    pub(crate) created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    pub(crate) fn new(session: Session, current: Id<kinds::Session>, now: Timestamp) -> Self {
        Self {
            current: session.id == current,
            ip_address: session.origin(now).to_owned(),
            id: session.id,
            device_info: session.device_info,
            created_at: session.created_at,
            last_used_at: session.updated_at,
            expires_at: session.valid_until,
        }
    }
}

/// The answer where the caller's account was erased under him.
pub(crate) fn user_not_found() -> ApiError {
    ApiError::not_found("USER_NOT_FOUND", "This account does not exist any more.")
}
