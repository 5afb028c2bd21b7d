//! The tags that most videos have.

use std::cmp::Reverse;

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Caching, CursorPage, CursorQuery, Keep, Platform, Query};
use serde::Serialize;

const PATH: &str = "/api/v1/media/videos/tags/popular";

/// A tag and how often it is used.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TagView {
    /// In its normal form.
    #[schema(example = "rust")]
    name: String,
    /// Videos that have it.
    #[schema(example = 42)]
    usage_count: i64,
}

/// The tags that most videos have, those of one count by name within a page (seed 003, VideoTag). Videos in whatever state are counted, until
/// they are deleted.
#[utoipa::path(
    get, path = "/media/videos/tags/popular", operation_id = "list_popular_video_tags", tag = "videos", security(()),
    params(CursorQuery),
    responses(
        (status = 200, description = "The tags", body = CursorPage<TagView>),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_popular_tags(
    State(platform): State<Platform>,
    caching: Caching,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Response> {
    const LIST: &str = "video-tags:popular";
    let start = cursor.start(&platform, LIST).await?;
    let page = platform.store().video_tags().popular(cursor.page_size, start).await?;
    let all = page.items.len();
    let used = page.items.into_iter().filter(|tag| tag.usage_count > 0);
    let mut results: Vec<_> =
        used.map(|tag| TagView { name: tag.name, usage_count: tag.usage_count }).collect();
    results.sort_by(|a, b| (Reverse(a.usage_count), &a.name).cmp(&(Reverse(b.usage_count), &b.name)));
    // What follows a tag that no video has are others of that kind.
    let next = page.next.filter(|_| results.len() == all);
    caching.json(Keep::Moment, &cursor.page(&platform, LIST, PATH, &[], results, next).await?)
}
