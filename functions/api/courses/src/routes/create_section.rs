//! An instructor adds a section.

use axum::{extract::State, response::Response};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Instructor, Params, Platform};
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
    params(
        ("id" = Id<kinds::Course>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = CreateSection,
    responses((status = 201, description = "The section", body = SectionHead)),
)]
pub(crate) async fn create_section(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(course_id): Params<Id<kinds::Course>>,
    key: IdempotencyKey,
    Body(new): Body<CreateSection>,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "create_section", &(course_id, &new), async |attempt| {
        let now = platform.ambient().now();
        let section = Section {
            id: attempt.derived(0),
            course_id,
            title: new.title.clone(),
            description: new.description.clone(),
            lesson_order: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let courses = platform.store().courses();
        let course = courses.add_section(caller.user_id, &section).await.map_err(refused)?;
        Ok((StatusCode::CREATED, SectionHead::new(section, &course)))
    })
    .await
}
