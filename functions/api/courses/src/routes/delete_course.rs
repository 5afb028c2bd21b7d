//! An instructor deletes a course.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};

use crate::{refusals::refused, version::IfMatch};

/// Deletes a course of the caller. It leaves the catalogue at once; without students its slug is free again, else who is enrolled keeps
/// it as it is.
#[utoipa::path(
    delete, path = "/courses/{id}", operation_id = "delete_course", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
    IfMatch(version): IfMatch,
) -> ApiResult<Response> {
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    courses.delete(id, caller.user_id, now).await.map_err(refused)?;
    Ok(no_content())
}
