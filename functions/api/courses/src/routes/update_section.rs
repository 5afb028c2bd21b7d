//! An instructor changes a section.

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::section::SectionChanges;

use crate::{fields::not_blank, refusals::refused, version::IfMatch, views::SectionHead};

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateSection {
    #[garde(length(chars, max = 255), inner(custom(not_blank)))]
    #[schema(example = "Introduction to Web Development")]
    title: Option<String>,
    #[garde(length(chars, max = 2_000))]
    #[schema(example = "How a browser finds and shows a page.")]
    description: Option<String>,
}

/// Changes a section of the caller.
#[utoipa::path(
    patch, path = "/courses/{id}/sections/{section_id}", operation_id = "update_section", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("section_id" = Id<kinds::Section>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    request_body = UpdateSection,
    responses((status = 200, description = "The section", body = SectionHead)),
)]
pub(crate) async fn update_section(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, section)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    IfMatch(version): IfMatch,
    Body(new): Body<UpdateSection>,
) -> ApiResult<Json<SectionHead>> {
    let changes = SectionChanges { title: new.title, description: new.description };
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    let (course, section) =
        courses.change_section(course, caller.user_id, section, &changes, now).await.map_err(refused)?;
    Ok(Json(SectionHead::new(section, &course)))
}
