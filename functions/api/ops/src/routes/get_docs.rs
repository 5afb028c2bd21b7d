//! The API's description for people.

use std::sync::OnceLock;

use axum::response::{Html, IntoResponse, Response};
use http::header;

use crate::{OPENAPI, reference};

/// A page that lists every operation with its parameters, bodies and errors.
#[utoipa::path(
    get, path = "/docs", operation_id = "get_docs", tag = "ops", security(()),
    responses((
        status = 200,
        description = "Reference page",
        body = String,
        content_type = "text/html",
        example = "<!doctype html><html lang=en><head><title>LearnFlow API</title></head><body>…</body></html>",
    )),
)]
pub(crate) async fn get_docs() -> Response {
    static PAGE: OnceLock<String> = OnceLock::new();
    let page = PAGE.get_or_init(|| reference::page(&serde_json::from_str(OPENAPI).unwrap_or_default()));
    // No script at all, so the page can't be made to run one.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, Html(page.as_str())).into_response()
}
