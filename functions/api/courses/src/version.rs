//! Versions of a course: who changes what he has read before does not undo what another changed meanwhile (RFC 9110, 8.8.3, 13.1.1).
//!
//! The version is the course's revision, which grows with every change of the course, its sections and lessons. It is an entity tag
//! for the course's teacher only: what others see of a course has parts of their own.

use axum::{Json, extract::FromRequestParts};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use http_kit::ApiError;
use serde_json::json;

/// The version that a change demands: header `If-Match`, absent or `*` for any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        // Digits only: `parse` would take a sign too.
        let digits = version.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|text| text.parse().ok()).map(|version| Self(Some(version))).ok_or_else(|| {
            let message = "If-Match must be one ETag of the course as GET has given it, such as \"7\", or *.";
            ApiError::bad_request("IF_MATCH_INVALID", message)
        })
    }
}

/// The course's version as an entity tag.
pub(crate) fn tag(version: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers
}

/// The body with the course's version as its entity tag.
pub(crate) fn tagged<T>(version: u64, body: T) -> (HeaderMap, Json<T>) {
    (tag(version), Json(body))
}

/// The course has another version than the change demands.
pub(crate) fn stale(current: u64) -> ApiError {
    let message = "The course was changed since you read it. GET it again, then change what is there now.";
    ApiError::new(http::StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED", message)
        .with_details(json!({ "current_version": current }))
}
