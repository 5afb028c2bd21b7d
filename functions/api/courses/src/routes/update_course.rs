//! An instructor changes what a course says of itself.

use axum::{Json, extract::State};
use domain::course::{Level, Price, tag::normalized};
use garde::Validate;
use http::HeaderMap;
use http_kit::{ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::course::CourseChanges;

use crate::{
    fields::{language_code, not_blank, nullable, picture, tag_list},
    refusals::refused,
    version::{IfMatch, tagged},
    views::CourseView,
};

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCourse {
    /// The slug stays, so that links keep working.
    #[garde(length(chars, max = 255), inner(custom(not_blank)))]
    title: Option<String>,
    #[garde(length(chars, max = 10_000))]
    description: Option<String>,
    #[garde(length(chars, max = 500))]
    short_description: Option<String>,
    #[garde(length(chars, max = 100))]
    category: Option<String>,
    #[garde(skip)]
    level: Option<Level>,
    #[garde(inner(custom(language_code)))]
    language: Option<String>,
    #[garde(inner(custom(picture)))]
    thumbnail: Option<String>,
    #[garde(skip)]
    price: Option<Price>,
    /// Null ends the discount.
    #[serde(default, deserialize_with = "nullable")]
    #[garde(skip)]
    #[schema(value_type = Option<Price>)]
    original_price: Option<Option<Price>>,
    /// Whether subscribers of plans with such courses may take it without buying it. Who has begun keeps it while his plan goes on.
    #[garde(skip)]
    in_plans: Option<bool>,
    /// Whether students must complete its lessons in their order.
    #[garde(skip)]
    required_order: Option<bool>,
    #[garde(length(max = 20), inner(inner(length(chars, min = 1, max = 200))))]
    outcomes: Option<Vec<String>>,
    #[garde(length(max = 20), inner(inner(length(chars, min = 1, max = 200))))]
    requirements: Option<Vec<String>>,
    /// What one should know before.
    #[garde(length(chars, max = 2_000))]
    prerequisites: Option<String>,
    /// Words by which the course is found: at most 20 of 50 characters. Case, white space around them and a leading # don't count.
    #[garde(inner(custom(tag_list)))]
    tags: Option<Vec<String>>,
}

/// Changes a course of the caller.
#[utoipa::path(
    patch, path = "/courses/{id}", operation_id = "update_course", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    request_body = UpdateCourse,
    responses((status = 200, description = "The course", body = CourseView)),
)]
pub(crate) async fn update_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
    IfMatch(version): IfMatch,
    Body(new): Body<UpdateCourse>,
) -> ApiResult<(HeaderMap, Json<CourseView>)> {
    let changes = CourseChanges {
        title: new.title,
        description: new.description,
        short_description: new.short_description,
        category: new.category,
        level: new.level,
        language: new.language,
        thumbnail: new.thumbnail,
        price: new.price,
        original_price: new.original_price,
        in_plans: new.in_plans,
        required_order: new.required_order,
        outcomes: new.outcomes,
        requirements: new.requirements,
        prerequisites: new.prerequisites,
        tags: new.tags.map(|tags| normalized(&tags)),
    };
    let now = platform.ambient().now();
    let courses = platform.store().courses().at_revision(version);
    let course = courses.change(id, caller.user_id, changes, now).await.map_err(refused)?;
    Ok(tagged(course.revision, course.into()))
}
