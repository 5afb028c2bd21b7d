//! One permission.

use axum::{Json, extract::State};
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn};
use store::entities::VideoPermission;

use crate::{
    access::own_video,
    views::{PermissionId, PermissionView},
};

/// The permission of this id for the caller's video.
#[utoipa::path(
    get, path = "/media/video-permissions/{id}", operation_id = "get_video_permission", tag = "videos",
    params((
        "id" = String, Path, description = "The ids of video and enrolment, joined by an underscore",
        example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10_01933b7a-3c5e-7000-8000-4f2d1c9a7b11",
    )),
    responses((status = 200, description = "The permission", body = PermissionView)),
)]
pub(crate) async fn get_permission(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<PermissionId>,
) -> ApiResult<Json<PermissionView>> {
    own_video(&platform, id.video, caller.user_id).await?;
    let permission = platform.store().permissions().get(id.video, id.enrollment).await?;
    Ok(Json(with_name(&platform, permission.ok_or_else(permission_not_found)?).await?))
}

/// The permission with its student's name.
pub(crate) async fn with_name(platform: &Platform, permission: VideoPermission) -> ApiResult<PermissionView> {
    let enrollments = platform.store().permissions().enrollments(std::slice::from_ref(&permission)).await?;
    Ok(PermissionView::new(permission, enrollments.first()))
}

pub(crate) fn permission_not_found() -> ApiError {
    let message = "This student has no permission of his own for the video. POST /api/v1/media/video-permissions makes one.";
    ApiError::not_found("PERMISSION_NOT_FOUND", message)
}
