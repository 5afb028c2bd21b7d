//! An instructor adds a section.

use axum::{Json, extract::State};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::Section;

use crate::{fields::not_blank, refusals::refused, views::SectionHead};

/// A new section.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateSection {
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "Introduction to Web Development")]
    title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    description: String,
}

/// Adds a section at the end of a course of the caller.
#[utoipa::path(
    post, path = "/courses/{id}/sections", operation_id = "create_section", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    request_body = CreateSection,
    responses((status = 201, description = "The section", body = SectionHead)),
)]
pub(crate) async fn create_section(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(course_id): Params<Id<kinds::Course>>,
    Body(new): Body<CreateSection>,
) -> ApiResult<(StatusCode, Json<SectionHead>)> {
    let now = platform.ambient().now();
    let section = Section {
        id: platform.ambient().id(),
        course_id,
        title: new.title,
        description: new.description,
        lesson_order: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let course = platform.store().courses().add_section(caller.user_id, &section).await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(SectionHead::new(section, &course))))
}
