//! The permissions that a handler names as an argument.

use axum::extract::{FromRef, FromRequestParts};
use domain::identity::{Role, step_up};
use http::{header, request::Parts};
use store::entities::User;

use super::{Checked, Freshness, Principal, authenticate};
use crate::{ApiError, Platform};

macro_rules! permission {
    ($(#[$doc:meta])* $name:ident, $freshness:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub Principal);

        impl<S> FromRequestParts<S> for $name
        where
            Platform: FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
                let platform = Platform::from_ref(state);
                let checked = authenticate(parts, &platform, $freshness).await?;
                let check: fn(&Checked, &Platform) -> Result<(), ApiError> = $check;
                check(&checked, &platform)?;
                Ok(Self(checked.principal))
            }
        }
    };
}

permission!(
    /// Permission: anyone who is logged in.
    SignedIn,
    Freshness::Seconds,
    |_, _| Ok(())
);
permission!(
    /// Permission: instructors (and admins). Which things an instructor may touch is part of the key or condition of each access.
    Instructor,
    Freshness::Seconds,
    |checked, _| {
        let message = "Only instructors may do this. POST /api/v1/users/become-instructor makes you one.";
        demand(checked, Role::Instructor, || ApiError::forbidden("INSTRUCTORS_ONLY", message))
    }
);
permission!(
    /// Permission: admins, read anew: one who was demoted loses his power at once.
    Admin,
    Freshness::Anew,
    |checked, _| {
        demand(checked, Role::Admin, ApiError::admins_only)
    }
);
permission!(
    /// Permission: anyone who is logged in, with the session read again rather than remembered: a session that was ended elsewhere
    /// stops at once. For what moves money or changes security.
    FreshlyChecked,
    Freshness::Anew,
    |_, _| Ok(())
);
permission!(
    /// Permission: anyone who has given his password or second factor within [`step_up::RECENT`], with the session read anew. For
    /// what could take an account over; API keys never may.
    RecentlySignedIn,
    Freshness::Anew,
    |checked, platform| {
        let now = platform.ambient().now();
        checked.principal.session_id()?;
        if checked.authenticated_at.is_some_and(|at| step_up::is_recent(at, now)) {
            return Ok(());
        }
        let message = "Show again that it is you: POST /api/v1/auth/reauthenticate with your password or a code, then try again.";
        Err(ApiError::forbidden("REAUTHENTICATION_REQUIRED", message))
    }
);

/// Refuses what would outlive a reset of the password, on an account whose address is nobody's yet: a stranger who registers with it
/// first must not keep a way into what its owner takes over.
///
/// # Errors
/// 403 `EMAIL_NOT_VERIFIED`.
pub fn demand_proven_address(user: &User) -> Result<(), ApiError> {
    if user.email_verified_at.is_some() { Ok(()) } else { Err(ApiError::email_not_verified()) }
}

fn demand(checked: &Checked, role: Role, refusal: impl FnOnce() -> ApiError) -> Result<(), ApiError> {
    if checked.principal.role < role { Err(refusal()) } else { Ok(()) }
}

/// Permission: everybody. The caller is known where he proves who he is; a proof that does not hold is an error, not a visitor.
#[derive(Clone, Copy, Debug)]
pub struct Visitor(pub Option<Principal>);

impl<S> FromRequestParts<S> for Visitor
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        visitor(parts, &Platform::from_ref(state), Freshness::Seconds).await.map(Self)
    }
}

/// Permission: as [`Visitor`], with the session read again rather than remembered. For what changes the security of an account where
/// there is a caller.
#[derive(Clone, Copy, Debug)]
pub struct FreshVisitor(pub Option<Principal>);

impl<S> FromRequestParts<S> for FreshVisitor
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        visitor(parts, &Platform::from_ref(state), Freshness::Anew).await.map(Self)
    }
}

async fn visitor(
    parts: &mut Parts,
    platform: &Platform,
    freshness: Freshness,
) -> Result<Option<Principal>, ApiError> {
    if parts.headers.get(header::AUTHORIZATION).is_none() {
        return Ok(None);
    }
    authenticate(parts, platform, freshness).await.map(|checked| Some(checked.principal))
}
