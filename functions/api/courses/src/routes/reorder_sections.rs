//! An instructor gives the sections of a course a new order, and their lessons.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::course::{LESSONS_MAX, SECTIONS_MAX};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{refusals::refused, version::IfMatch};

/// The new order.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReorderSections {
    /// Every section of the course, exactly once.
    #[garde(length(max = SECTIONS_MAX))]
    order: Vec<Id<kinds::Section>>,
    /// The lessons of sections that get others or a new order; the rest stays as it is. A lesson that moves is named where it goes, and
    /// the section that it leaves is named too: together the lists have what was there, each lesson once.
    #[serde(default)]
    #[garde(length(max = SECTIONS_MAX), dive)]
    lessons: Vec<SectionLessons>,
}

/// The lessons of a section.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SectionLessons {
    #[garde(skip)]
    section_id: Id<kinds::Section>,
    /// Its lessons in their new order.
    #[garde(length(max = LESSONS_MAX as usize))]
    order: Vec<Id<kinds::Lesson>>,
}

/// Gives the sections of a course of the caller a new order and, where `lessons` says so, their lessons, which may move between sections:
/// all at once or not at all.
#[utoipa::path(
    post, path = "/courses/{id}/sections/reorder", operation_id = "reorder_sections", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    request_body = ReorderSections,
    responses((status = 204, description = "Done")),
)]
pub(crate) async fn reorder_sections(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(course): Params<Id<kinds::Course>>,
    IfMatch(version): IfMatch,
    Body(new): Body<ReorderSections>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    let named = new.lessons.len();
    let lessons: BTreeMap<_, _> = new.lessons.into_iter().map(|one| (one.section_id, one.order)).collect();
    if lessons.len() < named {
        return Err(ApiError::invalid("lessons", "must not name a section twice"));
    }
    let courses = platform.store().courses().at_revision(version);
    courses.arrange(course, caller.user_id, &new.order, &lessons, now).await.map_err(refused)?;
    Ok(no_content())
}
