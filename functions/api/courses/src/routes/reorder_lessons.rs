//! An instructor gives the lessons of a section a new order.

use axum::{extract::State, response::Response};
use domain::course::LESSONS_MAX;
use garde::Validate;
use http_kit::{ApiResult, Body, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{refusals::refused, version::IfMatch};

/// The new order.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReorderLessons {
    /// Every lesson of the section, exactly once.
    #[garde(length(max = LESSONS_MAX as usize))]
    order: Vec<Id<kinds::Lesson>>,
}

/// Gives the lessons of a section of the caller a new order.
#[utoipa::path(
    post, path = "/courses/{id}/sections/{section_id}/lessons/reorder", operation_id = "reorder_lessons", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("section_id" = Id<kinds::Section>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    request_body = ReorderLessons,
    responses((status = 204, description = "Done")),
)]
pub(crate) async fn reorder_lessons(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, section)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    IfMatch(version): IfMatch,
    Body(new): Body<ReorderLessons>,
) -> ApiResult<Response> {
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    courses.reorder_lessons(course, caller.user_id, section, &new.order, now).await.map_err(refused)?;
    Ok(no_content())
}
