//! `Idempotency-Key`: the same key and body give the same answer, the same key with another body is refused (draft-ietf-httpapi-
//! idempotency-key-header).

use axum::{
    Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use kernel::{Id, SignedDuration, id::kinds};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use store::entities::IdempotencyRecord;

use crate::{ApiError, Platform};

/// How long an attempt may run before another one takes over: longer than any API function's time-out.
const LEASE: SignedDuration = SignedDuration::from_secs(35);
/// Longest key that is taken.
const KEY_MAX: usize = 128;

/// The value of the header, where it is sent.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = value.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > KEY_MAX || key.contains('#') {
            let message = "The Idempotency-Key must be 1 to 128 visible ASCII characters without «#», for example a UUID.";
            return Err(ApiError::bad_request("IDEMPOTENCY_KEY_INVALID", message));
        }
        Ok(Self(Some(key.to_owned())))
    }
}

impl IdempotencyKey {
    /// Does `work` once for this user, operation and key. `work` gets an id that is the same for every attempt at the request:
    /// what it makes is made under ids derived from it, so that an attempt after a crash finds what the first one made.
    /// Without the header each request stands alone. Errors are not remembered.
    ///
    /// # Errors
    /// 422 when the key came with another body before, 409 while another attempt is running, and those of `work`.
    pub async fn run<T: Serialize>(
        self,
        platform: &Platform,
        user: Id<kinds::User>,
        operation: &'static str,
        request: &impl Serialize,
        work: impl AsyncFnOnce(Id<kinds::Event>) -> Result<(StatusCode, T), ApiError>,
    ) -> Result<Response, ApiError> {
        let ambient = platform.ambient();
        let Some(idempotency_key) = self.0 else {
            let (status, body) = work(ambient.id()).await?;
            return Ok((status, Json(body)).into_response());
        };
        let now = ambient.now();
        let body = serde_json::to_vec(request).map_err(ApiError::internal)?;
        let mut record = IdempotencyRecord {
            user_id: user,
            operation: operation.to_owned(),
            idempotency_key,
            request_hash: hex(&Sha256::digest(body)),
            attempt_id: ambient.id(),
            lease_until: now + LEASE,
            status: None,
            response: None,
            created_at: now,
        };
        let memory = platform.store().idempotency();
        if let Some(earlier) = memory.claim(&record).await? {
            if earlier.request_hash != record.request_hash {
                let message =
                    "This Idempotency-Key was used with another body. Use a new key for a new request.";
                return Err(ApiError::unprocessable("IDEMPOTENCY_KEY_REUSED", message));
            }
            if let (Some(status), Some(response)) = (earlier.status, earlier.response.clone()) {
                return replay(status, response);
            }
            let running = earlier.lease_until > now;
            if running || !memory.take_over(&earlier, now + LEASE).await? {
                let message =
                    "The first request with this Idempotency-Key is still running. Ask again in a moment.";
                return Err(ApiError::conflict("IDEMPOTENCY_IN_PROGRESS", message).with_retry_after(1));
            }
            record = earlier;
        }
        match work(record.attempt_id).await {
            Ok((status, body)) => {
                let text = serde_json::to_string(&body).map_err(ApiError::internal)?;
                memory.finish(&record, status.as_u16(), &text).await?;
                replay(status.as_u16(), text)
            }
            Err(error) => {
                memory.release(&record, now).await?;
                Err(error)
            }
        }
    }
}

fn replay(status: u16, text: String) -> Result<Response, ApiError> {
    let status = StatusCode::from_u16(status).map_err(ApiError::internal)?;
    let body = RawValue::from_string(text).map_err(ApiError::internal)?;
    Ok((status, Json(body)).into_response())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
