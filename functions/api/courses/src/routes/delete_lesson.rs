//! An instructor deletes a lesson.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};

use crate::{refusals::refused, version::IfMatch};

/// Deletes a lesson of the caller. Its video stays in his channel; the last lesson of a published course stays.
#[utoipa::path(
    delete, path = "/courses/{id}/lessons/{lesson_id}", operation_id = "delete_lesson", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("lesson_id" = Id<kinds::Lesson>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_lesson(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
    IfMatch(version): IfMatch,
) -> ApiResult<Response> {
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    courses.delete_lesson(course, caller.user_id, lesson, now).await.map_err(refused)?;
    Ok(no_content())
}
