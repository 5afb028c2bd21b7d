//! The API's description for programs.

use axum::response::{IntoResponse, Response};
use http::header;

use crate::OPENAPI;

/// The OpenAPI 3.1 document of every operation.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "get_openapi", tag = "ops", security(()),
    responses((
        status = 200,
        description = "OpenAPI document",
        body = serde_json::Value,
        example = json!({
            "openapi": "3.1.0",
            "info": {"title": "LearnFlow", "version": "0.1.0"},
            "paths": {"/api/v1/health": {"get": {"operationId": "get_health"}}},
        }),
    )),
)]
pub(crate) async fn get_openapi() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, OPENAPI).into_response()
}
