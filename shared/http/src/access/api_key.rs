//! Callers that sign their requests with an API key ([`domain::identity::signing`]; docs/api-keys.md shows a client).
//!
//! The signature is checked before anything is read, so that nobody costs us reads by guessing. Then come the key and what its owner
//! may do now: a key never does more than its scopes, nor than its owner. A signature works once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::identity::{
    Scope, required_scope,
    signing::{Signable, Signed, Unsigned, signing_key},
};
use http::{Uri, header, request::Parts};
use kernel::{Id, Secret, Timestamp, id::kinds, mac};
use store::entities::api_key::{ApiKeyUse, Nonce};

use super::{Checked, Credential, Principal, unauthorized};
use crate::{ApiError, Platform, body::too_large, serve::BODY_MAX};

/// The purpose of the derived key of which the secrets of API keys are made.
const KEY_PURPOSE: &str = "api-key";
/// What every secret begins with, so that a scanner of source code finds one that leaks.
const SECRET_PREFIX: &str = "lfk_";
/// Keys whose use of the day an instance remembers; above it forgets all.
const USES_CAPACITY: usize = 1_000;

/// The request's address as the client sent it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedUri(pub(crate) Uri);

/// The body of a signed request.
#[derive(Clone, Debug)]
struct SignedBody(Bytes);

/// The secret of a key: derived, so that it is stored nowhere.
///
/// # Errors
/// 500 when the platform's secret can't be read.
pub async fn secret_of(platform: &Platform, id: Id<kinds::ApiKey>) -> Result<Secret<String>, ApiError> {
    let key = platform.derived_key(KEY_PURPOSE).await?;
    Ok(Secret::new(format!("{SECRET_PREFIX}{}", mac::code(&key, &id.to_string()))))
}

/// A key and a day, counted from the epoch.
type KeyAndDay = (Id<kinds::ApiKey>, i64);

/// Which keys this instance has noted as used, and on which day.
#[derive(Clone, Debug, Default)]
pub(super) struct Uses(Arc<Mutex<HashSet<KeyAndDay>>>);

impl Uses {
    /// Whether this is the first use of the day that this instance sees.
    fn is_new(&self, id: Id<kinds::ApiKey>, now: Timestamp) -> bool {
        const DAY_SECONDS: i64 = 24 * 3600;
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= USES_CAPACITY {
            seen.clear();
        }
        seen.insert((id, now.as_second().div_euclid(DAY_SECONDS)))
    }
}

/// Whether a request is signed, going by its header.
pub(super) fn is_signed(headers: &http::HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).is_some_and(Signed::is_meant)
}

/// Keeps the body of a signed request where the check finds it.
pub(crate) async fn keep_body(request: Request, next: Next) -> Response {
    if !is_signed(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match to_bytes(body, BODY_MAX).await {
        Ok(bytes) => {
            parts.extensions.insert(SignedBody(bytes.clone()));
            next.run(Request::from_parts(parts, Body::from(bytes))).await
        }
        Err(_) => too_large().into_response(),
    }
}

/// The owner of the key that signed the request.
pub(super) async fn check(parts: &Parts, platform: &Platform) -> Result<Checked, ApiError> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let signed = Signed::parse(header.unwrap_or_default()).map_err(refused)?;
    let now = platform.ambient().now();
    let secret = secret_of(platform, signed.key_id).await?;
    let uri = parts.extensions.get::<ReceivedUri>().map_or(&parts.uri, |received| &received.0);
    let request = Signable {
        method: parts.method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        body: parts.extensions.get::<SignedBody>().map_or(&[], |body| &body.0),
    };
    signed.verify(&signing_key(secret.expose()), &request, now).map_err(refused)?;
    let scope = scope_of(parts)?;
    let keys = platform.store().api_keys();
    let key = keys.get(signed.key_id).await?.filter(|key| key.is_live(now)).ok_or_else(invalid)?;
    if !key.scopes.contains(&scope) {
        let message = "The key lacks the scope that `details` names. Make a key with it.";
        return Err(
            ApiError::forbidden("API_KEY_SCOPE", message).with_details(serde_json::json!({"scope": scope}))
        );
    }
    let signature = signed.signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let nonce = Nonce { signature, forgettable_at: signed.forgettable_at() };
    let (standing, first) = tokio::try_join!(
        async { Ok::<_, ApiError>(platform.store().users().standing(key.user_id).await?) },
        async { Ok(keys.is_first_use(&nonce).await?) },
    )?;
    if !first {
        let message = "This signature was used before. Sign each request anew, with the time of now.";
        return Err(ApiError::unauthorized("SIGNATURE_REUSED", message));
    }
    let standing = standing.ok_or_else(unauthorized)?;
    if platform.access().uses.is_new(key.id, now) {
        keys.note_use(&ApiKeyUse::at(key.id, now)).await?;
    }
    let principal = Principal { user_id: key.user_id, role: standing.role, via: Credential::ApiKey(key.id) };
    Ok(Checked { principal, status: standing.status, authenticated_at: None })
}

/// By the route that was matched rather than by the path: what decides here is what runs.
fn scope_of(parts: &Parts) -> Result<Scope, ApiError> {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    required_scope(parts.method.as_str(), route).ok_or_else(|| {
        let message = "API keys can't do this. Log in, and send the access token instead.";
        ApiError::forbidden("API_KEY_NOT_ACCEPTED", message)
    })
}

fn refused(reason: Unsigned) -> ApiError {
    let message = format!("{reason}. docs/api-keys.md shows how to sign.");
    let mut letters = message.chars();
    let message = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    ApiError::unauthorized("SIGNATURE_INVALID", message.unwrap_or_default())
}

fn invalid() -> ApiError {
    let message = "The API key was revoked or has expired. Make a new one.";
    ApiError::unauthorized("API_KEY_INVALID", message)
}
