//! Anyone looks at the curriculum of a course.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Caching, CursorPage, Keep, Params, Platform, Visitor};
use kernel::{Id, id::kinds};

use crate::{
    access::viewer,
    refusals::course_not_found,
    views::{SectionView, curriculum},
};

/// The sections of a course with their lessons, in their order; all in one page.
#[utoipa::path(
    get, path = "/courses/{id}/sections", operation_id = "list_sections", tag = "courses", security(()),
    params(("id" = Id<kinds::Course>, Path)),
    responses(
        (status = 200, description = "The sections", body = CursorPage<SectionView>),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_sections(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    caching: Caching,
    Params(id): Params<Id<kinds::Course>>,
) -> ApiResult<Response> {
    let outline = platform.store().courses().outline(id).await?.ok_or_else(course_not_found)?;
    let (viewer, _) = viewer(&platform, caller, &outline.course).await?;
    let results = curriculum(outline, viewer, &platform);
    caching.json(Keep::Minute, &CursorPage { next: None, results })
}
