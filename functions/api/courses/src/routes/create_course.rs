//! An instructor begins a course.

use axum::{Json, extract::State};
use domain::course::{
    CourseStatus, Level, Price,
    price::CURRENCY,
    slug::{slugify, with_suffix},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, Instructor, Platform};
use serde::{Deserialize, Serialize};
use store::entities::Course;

use crate::{
    fields::{language_code, not_blank, picture},
    views::CourseView,
};

/// Tries for a free slug. One of 33 million suffixes is drawn each time, so a second clash hardly ever happens.
const SLUG_TRIES: usize = 8;

/// A new course; it begins as a draft.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCourse {
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    #[serde(default)]
    #[garde(length(chars, max = 10_000))]
    description: String,
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    short_description: String,
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    #[schema(example = "Development")]
    category: String,
    #[serde(default)]
    #[garde(skip)]
    level: Level,
    /// ISO 639-1.
    #[serde(default = "english")]
    #[garde(custom(language_code))]
    #[schema(example = "en")]
    language: String,
    #[serde(default)]
    #[garde(custom(picture))]
    thumbnail: String,
    /// 0 makes the course free; without a price it can't be published.
    #[garde(skip)]
    price: Option<Price>,
    /// The price before a discount.
    #[garde(skip)]
    original_price: Option<Price>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 200)))]
    outcomes: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 200)))]
    requirements: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50)))]
    tags: Vec<String>,
}

fn english() -> String {
    "en".into()
}

/// Makes a draft of the caller. Its slug is made from the title.
#[utoipa::path(
    post, path = "/courses", operation_id = "create_course", tag = "courses",
    request_body = CreateCourse,
    responses((status = 201, description = "The course", body = CourseView)),
)]
pub(crate) async fn create_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Body(new): Body<CreateCourse>,
) -> ApiResult<(StatusCode, Json<CourseView>)> {
    if new.original_price.is_some_and(|original| new.price.is_some_and(|price| original < price)) {
        return Err(ApiError::invalid("original_price", "must not be below the price"));
    }
    let ambient = platform.ambient();
    let now = ambient.now();
    let base = slugify(&new.title);
    let mut course = Course {
        id: ambient.id(),
        instructor_id: caller.user_id,
        slug: base.clone(),
        title: new.title,
        description: new.description,
        short_description: new.short_description,
        category: new.category,
        level: new.level,
        language: new.language,
        thumbnail: new.thumbnail,
        price_minor: new.price.map(Price::minor),
        original_price_minor: new.original_price.map(Price::minor),
        currency: CURRENCY.into(),
        outcomes: new.outcomes,
        requirements: new.requirements,
        tags: new.tags,
        status: CourseStatus::Draft,
        section_order: Vec::new(),
        lesson_count: 0,
        duration_seconds: 0,
        student_count: 0,
        revision: 1,
        published_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    for _ in 0..SLUG_TRIES {
        if platform.store().courses().create(&course).await? {
            return Ok((StatusCode::CREATED, Json(course.into())));
        }
        course.slug = with_suffix(&base, ambient.random.bytes());
    }
    Err(ApiError::unavailable(
        "NO_FREE_SLUG",
        "No address could be found for the title. Try again, or change the title.",
    ))
}
