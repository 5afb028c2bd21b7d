//! How a function starts and serves. The shell around the runtime is generic; the application inside is one boxed service, so
//! that the thirty binaries share its machine code at build time.

use std::convert::Infallible;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    response::{IntoResponse, Response},
};
use http::{Uri, uri::PathAndQuery};
use kernel::Vars;
use lambda_http::tower::{ServiceBuilder, ServiceExt as _, util::BoxCloneSyncService};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    ApiError, StartError,
    access::api_key::{ReceivedUri, keep_body},
    cache, log,
};

/// What `main` gives to the runtime.
pub type Failure = lambda_http::Error;

/// Largest body that a handler takes; files never pass through a function.
pub(crate) const BODY_MAX: usize = 1024 * 1024;

/// The whole application of a function, ready for the runtime or for a test.
pub type App = BoxCloneSyncService<Request, Response, Infallible>;

/// Puts a group's routes and its state together with what all groups share: the log line, the body limit, JSON errors for
/// unknown routes and wrong methods, paths that work with and without a slash at their end, and that nobody keeps an answer that
/// says nothing of caching.
pub fn app<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>, state: S) -> App {
    let (router, _) = routes.split_for_parts();
    let router: Router = router
        .fallback(async || {
            ApiError::not_found("ROUTE_NOT_FOUND", "There is no such path. GET /api/v1/openapi.json lists all of them.")
        })
        .method_not_allowed_fallback(async || {
            let message = "The path exists, the method does not. GET /api/v1/openapi.json lists the methods of each path.";
            ApiError::new(http::StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
        })
        .layer(middleware::from_fn(keep_body))
        .layer(middleware::from_fn(log::request))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::map_response(async |mut response: Response| {
            cache::unsaid(&mut response);
            response
        }))
        .with_state(state);
    let service = ServiceBuilder::new().map_request(without_trailing_slash).service(router);
    BoxCloneSyncService::new(service)
}

/// Runs a function: reads its state, then serves until Lambda stops it.
///
/// # Errors
/// What keeps it from starting, which Lambda logs: a missing setting is named there.
pub async fn serve<S, F>(routes: OpenApiRouter<S>, state: impl FnOnce(Vars) -> F) -> Result<(), Failure>
where
    S: Clone + Send + Sync + 'static,
    F: Future<Output = Result<S, StartError>>,
{
    log::init();
    let state = Box::pin(state(Vars::process()))
        .await
        .inspect_err(|error| tracing::error!(%error, "the function can't start"))?;
    let app = app(routes, state).map_request(|request: lambda_http::Request| request.map(into_axum_body));
    lambda_http::run(app).await
}

fn into_axum_body(body: lambda_http::Body) -> axum::body::Body {
    match body {
        lambda_http::Body::Empty => axum::body::Body::empty(),
        lambda_http::Body::Text(text) => text.into(),
        lambda_http::Body::Binary(bytes) => bytes.into(),
        _ => axum::body::Body::empty(),
    }
}

/// The seeds' clients send a slash at the end of paths; the router knows each path once.
fn without_trailing_slash(mut request: Request) -> Request {
    // What a signature covers.
    let received = ReceivedUri(request.uri().clone());
    request.extensions_mut().insert(received);
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.len() == path.len() || trimmed.is_empty() {
        return request;
    }
    let text = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    if let Ok(target) = PathAndQuery::try_from(text) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(target);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

impl From<Infallible> for ApiError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// An empty answer with 204.
pub fn no_content() -> Response {
    http::StatusCode::NO_CONTENT.into_response()
}
