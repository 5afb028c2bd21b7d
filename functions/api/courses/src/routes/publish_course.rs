//! An instructor publishes a course.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Instructor, Params, Platform};
use kernel::{Id, id::kinds};

use crate::{refusals::refused, version::IfMatch, views::CourseView};

/// Publishes a course of the caller, or lists what it lacks (422 `PUBLISH_BLOCKED`).
#[utoipa::path(
    post, path = "/courses/{id}/publish", operation_id = "publish_course", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    responses((status = 200, description = "The course", body = CourseView)),
)]
pub(crate) async fn publish_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
    IfMatch(version): IfMatch,
) -> ApiResult<Json<CourseView>> {
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    let course = courses.publish(id, caller.user_id, now).await.map_err(refused)?;
    Ok(Json(course.into()))
}
