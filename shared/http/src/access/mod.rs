//! Who may call: sessions and API keys, and the permissions that a handler names as an argument.
//!
//! Whoever calls proves it by an access token of a session or by a request signed with an API key. What he may do stands in one place, the
//! user's item, and is read from there ([`store::entities::standing`]), at most once in [`SESSION_CACHE`] by an instance: a logout, a
//! ban or a change of role works everywhere within that time, and at once where a permission reads anew.

pub mod api_key;
mod permission;
mod session;
mod token;

use axum::extract::MatchedPath;
use domain::{
    identity::{Role, UserStatus},
    suspension,
};
use http::request::Parts;
use kernel::{Id, Timestamp, id::kinds};

use crate::{ApiError, Platform};

pub use permission::{
    Admin, FreshVisitor, FreshlyChecked, Instructor, RecentlySignedIn, SignedIn, Visitor,
    demand_proven_address,
};
pub use token::{ACCESS_TOKEN_LIFE, AUDIENCE, AccessClaims, AccessKeys, SESSION_CACHE, TOKEN_TYPE};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user_id: Id<kinds::User>,
    /// His role.
    pub role: Role,
    /// How he has proven who he is.
    pub via: Credential,
}

/// What proves who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The access token of a session.
    Session(Id<kinds::Session>),
    /// A signature.
    ApiKey(Id<kinds::ApiKey>),
}

impl Principal {
    /// The session in which he calls.
    ///
    /// # Errors
    /// 403 when he calls with an API key, which has none.
    pub fn session_id(&self) -> Result<Id<kinds::Session>, ApiError> {
        match self.via {
            Credential::Session(id) => Ok(id),
            Credential::ApiKey(_) => {
                let message = "API keys can't do this. Log in, and send the access token instead.";
                Err(ApiError::forbidden("API_KEY_NOT_ACCEPTED", message))
            }
        }
    }
}

/// A caller as he was found.
#[derive(Clone, Copy, Debug)]
struct Checked {
    principal: Principal,
    status: UserStatus,
    /// The last proof of password or second factor; none for API keys.
    authenticated_at: Option<Timestamp>,
}

impl Checked {
    fn is_banned(&self) -> bool {
        self.status == UserStatus::Banned
    }

    /// Refuses what the status of the account does not allow.
    fn by_status(self, parts: &Parts) -> Result<Self, ApiError> {
        match self.status {
            UserStatus::Active => Ok(self),
            UserStatus::Deleted => Err(unauthorized()),
            UserStatus::Banned => {
                let message = "This account is banned. Write to the platform's support to appeal.";
                Err(ApiError::forbidden("ACCOUNT_BANNED", message))
            }
            UserStatus::Suspended => {
                let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
                if suspension::may(parts.method.as_str(), route) {
                    return Ok(self);
                }
                let message = "This account is suspended: it can read and watch, and not write. Write to the platform's support to appeal.";
                Err(ApiError::forbidden("ACCOUNT_SUSPENDED", message))
            }
        }
    }
}

/// How old the knowledge of a session may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    /// Up to [`SESSION_CACHE`].
    Seconds,
    /// Read for this request.
    Anew,
}

fn unauthorized() -> ApiError {
    ApiError::unauthorized(
        "NOT_AUTHENTICATED",
        "Log in, and send the access token as Authorization: Bearer <token>.",
    )
}

async fn authenticate(parts: &Parts, platform: &Platform, freshness: Freshness) -> Result<Checked, ApiError> {
    let checked = match api_key::is_signed(&parts.headers) {
        true => api_key::check(parts, platform).await?,
        false => session::check(parts, platform, freshness).await?,
    };
    checked.by_status(parts)
}
