//! Answers that are no JSON of ours.

use axum::response::{IntoResponse as _, Response};
use http::header;

/// A PDF that browsers store under this name, which takes letters, digits, `-` and `.` only. Nobody else may keep it.
pub fn pdf(name: &str, document: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers, document).into_response()
}

/// A JSON Web Key Set (RFC 7517), which may be kept for five minutes: by then a new key is known everywhere.
pub fn key_set(keys: String) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, keys).into_response()
}
