//! An instructor deletes a lesson.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};

use crate::refusals::refused;

/// Deletes a lesson of the caller. Its video stays in his channel; the last lesson of a published course stays.
#[utoipa::path(
    delete, path = "/courses/{id}/lessons/{lesson_id}", operation_id = "delete_lesson", tag = "courses",
    params(("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_lesson(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    platform.store().courses().delete_lesson(course, caller.user_id, lesson, now).await.map_err(refused)?;
    Ok(no_content())
}
