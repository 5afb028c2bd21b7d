//! Access tokens: JWTs (RFC 9068) signed with Ed25519. A token proves which session calls, nothing else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kernel::{ConfigError, Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Checked, api_key::Uses};

/// Life of an access token (seed 000): 15 minutes.
pub const ACCESS_TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long an instance may rely on a session that it has read: 5 seconds (spec 02, logout).
pub const SESSION_CACHE: SignedDuration = SignedDuration::from_secs(5);
/// Difference of clocks that is tolerated for `exp` and `iat`, in seconds (spec 09: at most 60).
const LEEWAY_SECONDS: i64 = 5;
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
type SeenSessions = HashMap<Id<kinds::Session>, (Checked, Timestamp)>;

/// The public keys that check access tokens, and what this instance remembers of the callers of the last seconds.
#[derive(Clone)]
pub struct AccessKeys {
    keys: Arc<HashMap<String, DecodingKey>>,
    issuer: String,
    seen: Arc<Mutex<SeenSessions>>,
    pub(super) uses: Uses,
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
        let (seen, uses) = (Arc::default(), Uses::default());
        Ok(Self { keys: Arc::new(keys), issuer: issuer.into(), seen, uses })
    }

    /// The claims of a genuine token that has not expired at `now`.
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
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
        let now = now.as_second();
        let lasts = claims.exp > now - LEEWAY_SECONDS && claims.iat <= now + LEEWAY_SECONDS;
        // A token that claims to live longer than ours do was not made by us.
        (lasts && claims.exp - claims.iat <= ACCESS_TOKEN_LIFE.as_secs()).then_some(claims)
    }

    pub(super) fn cached(&self, session: Id<kinds::Session>, now: Timestamp) -> Option<Checked> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (checked, at) = seen.get(&session)?;
        (now.duration_since(*at) < SESSION_CACHE).then_some(*checked)
    }

    pub(super) fn remember(&self, session: Id<kinds::Session>, checked: Checked, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= CACHE_CAPACITY {
            seen.clear();
        }
        seen.insert(session, (checked, now));
    }

    /// Forgets a session, so that its next request reads it again: the instance that ended it stops at once.
    pub fn forget(&self, session: Id<kinds::Session>) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    }

    /// Forgets all sessions of a user.
    pub fn forget_user(&self, user: Id<kinds::User>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, (checked, _)| checked.principal.user_id != user);
    }
}
