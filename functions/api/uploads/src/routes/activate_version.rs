//! An instructor goes back to another version of a video.

use api_views::VideoView;
use axum::{Json, extract::State};
use domain::version::VersionState;
use http_kit::{ApiError, ApiResult, Instructor, Params, Platform};
use kernel::{Id, id::kinds};

use crate::views::{version_not_found, video_not_found};

/// How often it is looked at anew what another switch was faster than.
const LOOKS: usize = 4;

/// Makes another version of the caller's video the one that plays, while it is kept. Plays that have begun stay with theirs. A version that is
/// still sent or made takes its place nevertheless when it is whole. Saying it again gives the same answer.
#[utoipa::path(
    post, path = "/media/videos/{id}/versions/{number}/activate", operation_id = "activate_video_version", tag = "uploads",
    params(("id" = Id<kinds::Video>, Path), ("number" = u32, Path, example = 1)),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn activate_version(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((id, number)): Params<(Id<kinds::Video>, u32)>,
) -> ApiResult<Json<VideoView>> {
    let (videos, versions) = (platform.store().videos(), platform.store().versions());
    for _ in 0..LOOKS {
        let video = videos.own(id, caller.user_id).await?.ok_or_else(video_not_found)?;
        let version = versions.get(id, number).await?.filter(|version| version.retired_at.is_none());
        let version = version.ok_or_else(version_not_found)?;
        match version.facts(&video).state() {
            VersionState::Active => return Ok(Json(VideoView::own(video, platform.public_base_url()))),
            VersionState::Kept => {}
            _ => {
                let message =
                    "This version can't be played: it is not whole. Wait for it, or upload another one.";
                return Err(ApiError::conflict("VERSION_NOT_READY", message));
            }
        }
        // Done or not, the next look tells.
        versions.activate(&video, &version, platform.ambient().now()).await?;
    }
    let video = videos.own(id, caller.user_id).await?.ok_or_else(video_not_found)?;
    match video.active_version == Some(number) {
        true => Ok(Json(VideoView::own(video, platform.public_base_url()))),
        false => Err(ApiError::conflict(
            "CHANGED_MEANWHILE",
            "Other versions of this video were switched at the same moment. Read it again, then try again.",
        )),
    }
}
