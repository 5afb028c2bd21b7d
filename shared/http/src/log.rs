//! One JSON line a request, and nothing personal in it.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::HeaderValue;
use lambda_http::RequestExt as _;

use crate::error::LoggedError;

static WARM: AtomicBool = AtomicBool::new(false);

/// Sends tracing to standard output as JSON, which CloudWatch takes. `LOG_LEVEL` filters, INFO by default.
pub(crate) fn init() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LOG_LEVEL")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // A second call, in a test, keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(std::io::stdout)
        .try_init();
}

/// Logs the request's outcome and gives the answer its `x-request-id`. The route is the pattern, never the path itself: a path
/// can hold a handle or a token.
pub(crate) async fn request(request: Request, next: Next) -> Response {
    let id = request.lambda_context_ref().map(|context| context.request_id.clone()).unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let cold = !WARM.swap(true, Ordering::Relaxed);
    let started = std::time::Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let error = response.extensions_mut().remove::<LoggedError>();
    let (code, cause) = error.map_or((None, None), |error| (Some(error.code), error.cause));
    if status >= 500 {
        tracing::error!(request_id = id, %method, route, status, ms, cold, code, cause, "request");
    } else {
        tracing::info!(request_id = id, %method, route, status, ms, cold, code, cause, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
