//! An instructor gives a version of a video up.

use axum::{extract::State, response::Response};
use domain::version::VersionState;
use http_kit::{ApiError, ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};

use crate::views::{version_not_found, version_under_way, video_not_found};

/// Deletes a version of the caller's video that does not play: one that failed or was replaced. Who is playing it is taken to the one that
/// plays when his cookies end; its files go some twenty minutes later.
#[utoipa::path(
    delete, path = "/media/videos/{id}/versions/{number}", operation_id = "delete_video_version", tag = "uploads",
    params(("id" = Id<kinds::Video>, Path), ("number" = u32, Path, example = 1)),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_version(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((id, number)): Params<(Id<kinds::Video>, u32)>,
) -> ApiResult<Response> {
    let (videos, versions) = (platform.store().videos(), platform.store().versions());
    let video = videos.own(id, caller.user_id).await?.ok_or_else(video_not_found)?;
    let version = versions.get(id, number).await?.filter(|version| version.retired_at.is_none());
    let state = version.ok_or_else(version_not_found)?.facts(&video).state();
    if state.is_under_way() {
        return Err(version_under_way());
    }
    let used = state == VersionState::Active || video.follows(number);
    if !used && versions.retire(id, number, platform.ambient().now()).await? {
        return Ok(no_content());
    }
    Err(ApiError::conflict(
        "VERSION_IN_USE",
        "This version is the one that the video stands for. Let another one play first, or delete the video.",
    ))
}
