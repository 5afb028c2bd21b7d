//! An instructor gives the sections of a course a new order.

use axum::{extract::State, response::Response};
use domain::course::SECTIONS_MAX;
use garde::Validate;
use http_kit::{ApiResult, Body, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::refusals::refused;

/// The new order.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReorderSections {
    /// Every section of the course, exactly once.
    #[garde(length(max = SECTIONS_MAX))]
    order: Vec<Id<kinds::Section>>,
}

/// Gives the sections of a course of the caller a new order.
#[utoipa::path(
    post, path = "/courses/{id}/sections/reorder", operation_id = "reorder_sections", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    request_body = ReorderSections,
    responses((status = 204, description = "Done")),
)]
pub(crate) async fn reorder_sections(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(course): Params<Id<kinds::Course>>,
    Body(new): Body<ReorderSections>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    platform
        .store()
        .courses()
        .reorder_sections(course, caller.user_id, &new.order, now)
        .await
        .map_err(refused)?;
    Ok(no_content())
}
