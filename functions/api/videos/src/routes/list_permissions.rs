//! Permissions of a video.

use std::collections::HashMap;

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiResult, CursorPage, CursorQuery, Platform, Query, SignedIn};
use kernel::{Id, id::kinds};
use serde::Deserialize;
use store::entities::VideoPermission;

use crate::{access::own_video, views::PermissionView};

const PATH: &str = "/api/v1/media/video-permissions";

/// Which permissions.
#[derive(Clone, Copy, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PermissionFilter {
    /// Those for this video.
    #[garde(skip)]
    video: Id<kinds::Video>,
    /// The one for this enrolment.
    #[garde(skip)]
    enrollment: Option<Id<kinds::Enrollment>>,
}

/// The permissions for the caller's video. A student without one plays by the video's own policy.
#[utoipa::path(
    get, path = "/media/video-permissions", operation_id = "list_video_permissions", tag = "videos",
    params(PermissionFilter, CursorQuery),
    responses((status = 200, description = "The permissions", body = CursorPage<PermissionView>)),
)]
pub(crate) async fn list_permissions(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(filter): Query<PermissionFilter>,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<PermissionView>>> {
    let list = format!("permissions:{}", filter.video);
    let start = cursor.start(&platform, &list).await?;
    own_video(&platform, filter.video, caller.user_id).await?;
    let permissions = platform.store().permissions();
    let (found, next) = match filter.enrollment {
        Some(enrollment) => (Vec::from_iter(permissions.get(filter.video, enrollment).await?), None),
        None => {
            let page = permissions.of_video(filter.video, cursor.page_size, start).await?;
            (page.items, page.next)
        }
    };
    let enrollments = permissions.enrollments(&found).await?;
    let by_id: HashMap<_, _> = enrollments.iter().map(|one| (one.id, one)).collect();
    let shown = |permission: VideoPermission| {
        let enrollment = by_id.get(&permission.enrollment_id).copied();
        PermissionView::new(permission, enrollment)
    };
    let results = found.into_iter().map(shown).collect();
    let video = filter.video.to_string();
    Ok(Json(cursor.page(&platform, &list, PATH, &[("video", &video)], results, next).await?))
}
