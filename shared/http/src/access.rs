//! Who may call: access tokens, sessions, and the permissions that a handler names as an argument.
//!
//! An access token is a JWT (RFC 9068) signed with Ed25519. It proves which session calls; the session item says whose it is,
//! in which role, and whether it was ended. The item is read at most once in [`SESSION_CACHE`] by an instance, so a logout
//! or a change of role works everywhere within that time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::{FromRef, FromRequestParts};
use domain::identity::Role;
use http::{header, request::Parts};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kernel::{ConfigError, Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Platform};

/// Life of an access token (seed 000): 15 minutes.
pub const ACCESS_TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long an instance may rely on a session that it has read: 5 seconds (spec 02, logout).
pub const SESSION_CACHE: SignedDuration = SignedDuration::from_secs(5);
/// Difference of clocks that is tolerated for `exp` and `iat`, in seconds (spec 09: at most 60).
const LEEWAY_SECONDS: u64 = 5;
/// Sessions that an instance remembers; above it forgets all rather than grow.
const CACHE_CAPACITY: usize = 1_000;

/// The `aud` of access tokens.
pub const AUDIENCE: &str = "learnflow-api";
/// The `typ` of access tokens (RFC 9068, 2.1).
pub const TOKEN_TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// The user.
    pub sub: Id<kinds::User>,
    /// The session.
    pub sid: Id<kinds::Session>,
    /// When it was issued, in epoch seconds.
    pub iat: i64,
    /// When it stops working, in epoch seconds.
    pub exp: i64,
    /// Its own identifier.
    pub jti: Id<kinds::Event>,
}

/// Sessions that were read, and when.
type SeenSessions = HashMap<Id<kinds::Session>, (Principal, Timestamp)>;

/// The public keys that check access tokens, and the sessions seen in the last seconds.
#[derive(Clone)]
pub struct AccessKeys {
    keys: Arc<HashMap<String, DecodingKey>>,
    issuer: String,
    seen: Arc<Mutex<SeenSessions>>,
}

/// Who calls: a user in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user_id: Id<kinds::User>,
    /// His session.
    pub session_id: Id<kinds::Session>,
    /// His role.
    pub role: Role,
}

impl AccessKeys {
    /// Takes the public keys from a JSON Web Key Set (RFC 7517) of Ed25519 keys.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] when it is none or holds no key with a `kid`.
    pub fn parse(jwks: &str, issuer: impl Into<String>) -> Result<Self, ConfigError> {
        let malformed = |reason: String| ConfigError::Malformed { name: "JWT_PUBLIC_KEYS", reason };
        let set: JwkSet = serde_json::from_str(jwks).map_err(|error| malformed(error.to_string()))?;
        let mut keys = HashMap::new();
        for jwk in &set.keys {
            let kid = jwk.common.key_id.clone().ok_or_else(|| malformed("a key has no kid".into()))?;
            keys.insert(kid, DecodingKey::from_jwk(jwk).map_err(|error| malformed(error.to_string()))?);
        }
        if keys.is_empty() {
            return Err(malformed("it holds no key".into()));
        }
        Ok(Self { keys: Arc::new(keys), issuer: issuer.into(), seen: Arc::default() })
    }

    /// The claims of a genuine token that has not expired at `now`.
    fn verify(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // The key is chosen by `kid` among ours alone; `jku`, `jwk`, `x5u` and `x5c` are never looked at (spec 06).
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TOKEN_TYPE) {
            return None;
        }
        let key = self.keys.get(header.kid.as_deref()?)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is checked below against the injected clock.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, key, &rules).ok()?.claims;
        let leeway = i64::try_from(LEEWAY_SECONDS).unwrap_or(0);
        let now = now.as_second();
        let lasts = claims.exp > now - leeway && claims.iat <= now + leeway;
        // A token that claims to live longer than ours do was not made by us.
        (lasts && claims.exp - claims.iat <= ACCESS_TOKEN_LIFE.as_secs()).then_some(claims)
    }

    fn cached(&self, session: Id<kinds::Session>, now: Timestamp) -> Option<Principal> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (principal, at) = seen.get(&session)?;
        (now.duration_since(*at) < SESSION_CACHE).then_some(*principal)
    }

    fn remember(&self, principal: Principal, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= CACHE_CAPACITY {
            seen.clear();
        }
        seen.insert(principal.session_id, (principal, now));
    }

    /// Forgets a session, so that its next request reads it again: the instance that ended it stops at once.
    pub fn forget(&self, session: Id<kinds::Session>) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    }
}

fn unauthorized() -> ApiError {
    ApiError::unauthorized(
        "NOT_AUTHENTICATED",
        "Log in, and send the access token as Authorization: Bearer <token>.",
    )
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn authenticate(parts: &Parts, platform: &Platform, fresh: bool) -> Result<Principal, ApiError> {
    let token = bearer(parts).ok_or_else(unauthorized)?;
    let now = platform.ambient().now();
    let claims = platform.access().verify(token, now).ok_or_else(unauthorized)?;
    if !fresh && let Some(principal) = platform.access().cached(claims.sid, now) {
        return if principal.user_id == claims.sub { Ok(principal) } else { Err(unauthorized()) };
    }
    let session = platform.store().sessions().get(claims.sid).await?.ok_or_else(unauthorized)?;
    if session.user_id != claims.sub || !session.is_live(now) {
        return Err(unauthorized());
    }
    let principal = Principal { user_id: session.user_id, session_id: session.id, role: session.role };
    platform.access().remember(principal, now);
    Ok(principal)
}

/// Permission: anyone who is logged in.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn(pub Principal);

impl<S> FromRequestParts<S> for SignedIn
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        authenticate(parts, &Platform::from_ref(state), false).await.map(Self)
    }
}

/// Permission: everybody. The caller is known where he sends a valid token; an invalid one is an error, not a visitor.
#[derive(Clone, Copy, Debug)]
pub struct Visitor(pub Option<Principal>);

impl<S> FromRequestParts<S> for Visitor
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if parts.headers.get(header::AUTHORIZATION).is_none() {
            return Ok(Self(None));
        }
        authenticate(parts, &Platform::from_ref(state), false).await.map(|principal| Self(Some(principal)))
    }
}

macro_rules! role_permission {
    ($(#[$doc:meta])* $name:ident, $role:expr, $code:literal, $message:literal) => {
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
                let principal = authenticate(parts, &Platform::from_ref(state), false).await?;
                if principal.role < $role {
                    return Err(ApiError::forbidden($code, $message));
                }
                Ok(Self(principal))
            }
        }
    };
}

role_permission!(
    /// Permission: instructors (and admins). Which things an instructor may touch is part of the key or condition of each access.
    Instructor,
    Role::Instructor,
    "INSTRUCTORS_ONLY",
    "Only instructors may do this. Register an account as an instructor."
);
role_permission!(
    /// Permission: admins.
    Admin,
    Role::Admin,
    "ADMINS_ONLY",
    "Only admins may do this."
);

/// Permission: anyone who is logged in, with the session read again rather than remembered: a session that was ended elsewhere
/// stops at once. For what moves money or changes security.
#[derive(Clone, Copy, Debug)]
pub struct FreshlyChecked(pub Principal);

impl<S> FromRequestParts<S> for FreshlyChecked
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        authenticate(parts, &Platform::from_ref(state), true).await.map(Self)
    }
}
