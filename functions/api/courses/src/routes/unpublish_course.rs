//! An instructor takes a course out of the list.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Instructor, Params, Platform};
use kernel::{Id, id::kinds};

use crate::{refusals::refused, version::IfMatch, views::CourseView};

/// Makes a course of the caller a draft again. Its students keep it; nobody else finds it.
#[utoipa::path(
    post, path = "/courses/{id}/unpublish", operation_id = "unpublish_course", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    responses((status = 200, description = "The course", body = CourseView)),
)]
pub(crate) async fn unpublish_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
    IfMatch(version): IfMatch,
) -> ApiResult<Json<CourseView>> {
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    let course = courses.unpublish(id, caller.user_id, now).await.map_err(refused)?;
    Ok(Json(course.into()))
}
