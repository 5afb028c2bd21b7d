//! Feed readers show what is new.

use axum::{extract::State, response::Response};
use http_kit::{ApiError, ApiResult, Caching, Platform};
use search::Page;

use super::sitemap::keep;
use crate::{
    index::Index,
    site::{base, feed},
};

/// The 50 newest published courses (RSS 2.0).
#[utoipa::path(
    get, path = "/feeds/courses.rss", operation_id = "get_course_feed", tag = "site", security(()),
    responses(
        (
            status = 200,
            description = "The feed",
            body = String,
            content_type = "application/rss+xml",
            example = "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>LearnFlow: new courses</title>\
                <link>https://learn.example/</link><description>The newest courses</description><item>\
                <title>Complete Web Development</title>\
                <link>https://learn.example/courses/complete-web-development</link></item></channel></rss>",
        ),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn get_course_feed(
    State(platform): State<Platform>,
    State(index): State<Index>,
    caching: Caching,
) -> ApiResult<Response> {
    let (base, index) = (base(&platform)?, index.current().await?);
    let courses = match &index {
        Some(index) => index.newest(Page { offset: 0, limit: feed::ITEMS }).map_err(ApiError::internal)?,
        None => Vec::new(),
    };
    let body = feed::write(base, &courses).map_err(ApiError::internal)?;
    caching.bytes(keep(index.as_ref()), "application/rss+xml; charset=utf-8", body)
}
