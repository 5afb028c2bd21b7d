//! A teacher takes a permission away.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Params, Platform, SignedIn, no_content};

use crate::{access::own_video, views::PermissionId};

/// Deletes a permission for the caller's video: the student plays by the video's own policy again. Saying it again gives the same answer.
#[utoipa::path(
    delete, path = "/media/video-permissions/{id}", operation_id = "delete_video_permission", tag = "videos",
    params((
        "id" = String, Path, description = "The ids of video and enrolment, joined by an underscore",
        example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10_01933b7a-3c5e-7000-8000-4f2d1c9a7b11",
    )),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_permission(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<PermissionId>,
) -> ApiResult<Response> {
    own_video(&platform, id.video, caller.user_id).await?;
    platform.store().permissions().remove(id.video, id.enrollment).await?;
    Ok(no_content())
}
