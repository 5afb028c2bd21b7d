//! Search engines find every published course.

use axum::{extract::State, response::Response};
use http_kit::{ApiError, ApiResult, Caching, Keep, Params, Platform};
use search::{Document, Kind};

use crate::{
    index::{Generation, Index},
    site::{base, sitemap},
};

const TYPE: &str = "application/xml; charset=utf-8";

/// All published courses as a sitemap; where there are more than 10,000, an index of the files that have them (sitemaps.org).
#[utoipa::path(
    get, path = "/sitemap.xml", operation_id = "get_sitemap", tag = "site", security(()),
    responses(
        (
            status = 200,
            description = "A sitemap or an index of sitemaps",
            body = String,
            content_type = "application/xml",
            example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url>\
                <loc>https://learn.example/courses/complete-web-development</loc><lastmod>2026-06-01</lastmod></url></urlset>",
        ),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn get_sitemap(
    State(platform): State<Platform>,
    State(index): State<Index>,
    caching: Caching,
) -> ApiResult<Response> {
    let (base, index) = (base(&platform)?, index.current().await?);
    let files = sitemap::files(count(index.as_ref()));
    if files == 1 {
        return file(&caching, base, index.as_ref(), 1);
    }
    let body = sitemap::index(base, files).map_err(ApiError::internal)?;
    caching.bytes(Keep::Hour, TYPE, body)
}

/// One of the files that the index of sitemaps names.
#[utoipa::path(
    get, path = "/sitemaps/{file}", operation_id = "get_sitemap_file", tag = "site", security(()),
    params(("file" = String, Path, description = "Its number, from 1", example = "1.xml")),
    responses(
        (
            status = 200,
            description = "A sitemap",
            body = String,
            content_type = "application/xml",
            example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url>\
                <loc>https://learn.example/courses/complete-web-development</loc><lastmod>2026-06-01</lastmod></url></urlset>",
        ),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn get_sitemap_file(
    State(platform): State<Platform>,
    State(index): State<Index>,
    caching: Caching,
    Params(name): Params<String>,
) -> ApiResult<Response> {
    let (base, index) = (base(&platform)?, index.current().await?);
    // 0 is no file.
    file(&caching, base, index.as_ref(), sitemap::number(&name).unwrap_or(0))
}

fn file(caching: &Caching, base: &str, index: Option<&Generation>, number: u64) -> ApiResult<Response> {
    let place = sitemap::place(number, count(index)).ok_or_else(|| {
        ApiError::not_found(
            "SITEMAP_NOT_FOUND",
            "There is no such sitemap. GET /sitemap.xml names all of them.",
        )
    })?;
    let courses: Vec<Document> = match index {
        Some(index) => index.newest(place).map_err(ApiError::internal)?,
        None => Vec::new(),
    };
    let body = sitemap::file(base, number == 1, &courses).map_err(ApiError::internal)?;
    caching.bytes(keep(index), TYPE, body)
}

/// What is said before the first index was opened is soon wrong.
pub(super) const fn keep(index: Option<&Generation>) -> Keep {
    if index.is_some() { Keep::Hour } else { Keep::Moment }
}

fn count(index: Option<&Generation>) -> u64 {
    index.map_or(0, |index| index.snapshot().len(Kind::Course))
}
