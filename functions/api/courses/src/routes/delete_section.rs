//! An instructor deletes a section.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};

use crate::{refusals::refused, version::IfMatch};

/// Deletes a section of the caller that has no lessons.
#[utoipa::path(
    delete, path = "/courses/{id}/sections/{section_id}", operation_id = "delete_section", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("section_id" = Id<kinds::Section>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_section(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, section)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    IfMatch(version): IfMatch,
) -> ApiResult<Response> {
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    courses.delete_section(course, caller.user_id, section, now).await.map_err(refused)?;
    Ok(no_content())
}
