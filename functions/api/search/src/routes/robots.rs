//! Robots learn where the sitemap is.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Caching, Keep, Platform};

use crate::site::base;

/// What robots may read, and where the sitemap is (RFC 9309). All of it is open: the client's pages are made of the API's answers.
#[utoipa::path(
    get, path = "/robots.txt", operation_id = "get_robots", tag = "site", security(()),
    responses(
        (
            status = 200,
            description = "The file",
            body = String,
            content_type = "text/plain",
            example = "User-agent: *\nAllow: /\n\nSitemap: https://learn.example/sitemap.xml\n",
        ),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn get_robots(State(platform): State<Platform>, caching: Caching) -> ApiResult<Response> {
    let body = format!("User-agent: *\nAllow: /\n\nSitemap: {}/sitemap.xml\n", base(&platform)?);
    caching.bytes(Keep::Hour, "text/plain; charset=utf-8", body.into_bytes())
}
