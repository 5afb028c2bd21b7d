//! The versions of a video.

use axum::{Json, extract::State};
use http_kit::{ApiResult, CursorPage, CursorQuery, Instructor, Params, Platform, Query};
use kernel::{Id, id::kinds};
use store::entities::Version;

use crate::views::{VersionView, video_not_found};

/// The versions of the caller's video, the newest first, without those that were given up.
///
/// A page can be shorter than asked for: it is what is left of `page_size` versions.
#[utoipa::path(
    get, path = "/media/videos/{id}/versions", operation_id = "list_video_versions", tag = "uploads",
    params(("id" = Id<kinds::Video>, Path), CursorQuery),
    responses((status = 200, description = "The versions", body = CursorPage<VersionView>)),
)]
pub(crate) async fn list_versions(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Video>>,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<VersionView>>> {
    let list = format!("versions:{id}");
    let start = cursor.start(&platform, &list).await?;
    let video = platform.store().videos().own(id, caller.user_id).await?.ok_or_else(video_not_found)?;
    let page = platform.store().versions().of_video(id, cursor.page_size, start).await?;
    let kept = page.items.into_iter().filter(|version: &Version| version.retired_at.is_none());
    let results = kept.map(|version| VersionView::new(&video, version, platform.public_base_url())).collect();
    let path = format!("/api/v1/media/videos/{id}/versions");
    Ok(Json(cursor.page(&platform, &list, &path, &[], results, page.next).await?))
}
