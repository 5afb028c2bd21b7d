//! An instructor begins a course.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{
    course::{
        CourseStatus, Level, Price,
        price::CURRENCY,
        slug::{slugify, with_suffix},
        tag::normalized,
    },
    review::Distribution,
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Course, course::RecentReviews};

use crate::{
    fields::{language_code, not_blank, picture, tag_list},
    version::tag,
    views::CourseView,
};

/// Tries for a free slug. One of 33 million suffixes is drawn each time, so a second clash hardly ever happens.
pub(crate) const SLUG_TRIES: usize = 8;

/// A new course; it begins as a draft.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCourse {
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    pub(crate) title: String,
    #[serde(default)]
    #[garde(length(chars, max = 10_000))]
    pub(crate) description: String,
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    pub(crate) short_description: String,
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    #[schema(example = "Development")]
    pub(crate) category: String,
    #[serde(default)]
    #[garde(skip)]
    pub(crate) level: Level,
    /// ISO 639-1.
    #[serde(default = "english")]
    #[garde(custom(language_code))]
    #[schema(example = "en")]
    pub(crate) language: String,
    #[serde(default)]
    #[garde(custom(picture))]
    pub(crate) thumbnail: String,
    /// 0 makes the course free; without a price it can't be published.
    #[garde(skip)]
    pub(crate) price: Option<Price>,
    /// The price before a discount.
    #[garde(skip)]
    pub(crate) original_price: Option<Price>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 200)))]
    pub(crate) outcomes: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 200)))]
    pub(crate) requirements: Vec<String>,
    /// What one should know before.
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    #[schema(example = "Basic HTML")]
    pub(crate) prerequisites: String,
    /// Words by which the course is found: at most 20 of 50 characters. Case, white space around them and a leading # don't count.
    #[serde(default)]
    #[garde(custom(tag_list))]
    #[schema(example = json!(["javascript", "web development"]))]
    pub(crate) tags: Vec<String>,
}

fn english() -> String {
    "en".into()
}

impl CreateCourse {
    /// The draft that it becomes.
    ///
    /// # Errors
    /// 422 where a price is not one.
    pub(crate) fn into_draft(
        self,
        id: Id<kinds::Course>,
        instructor_id: Id<kinds::User>,
        now: Timestamp,
    ) -> ApiResult<Course> {
        if self.original_price.is_some_and(|original| self.price.is_some_and(|price| original < price)) {
            return Err(ApiError::invalid("original_price", "must not be below the price"));
        }
        Ok(Course {
            id,
            instructor_id,
            slug: slugify(&self.title),
            title: self.title,
            description: self.description,
            short_description: self.short_description,
            category: self.category,
            level: self.level,
            language: self.language,
            thumbnail: self.thumbnail,
            price_minor: self.price.map(Price::minor),
            original_price_minor: self.original_price.map(Price::minor),
            currency: CURRENCY.into(),
            outcomes: self.outcomes,
            requirements: self.requirements,
            prerequisites: self.prerequisites,
            tags: normalized(&self.tags),
            status: CourseStatus::Draft,
            section_order: Vec::new(),
            lesson_count: 0,
            duration_seconds: 0,
            student_count: 0,
            ratings: Distribution::default(),
            recent: RecentReviews::default(),
            revision: 1,
            published_at: None,
            created_at: now,
            updated_at: now,
            retired_at: None,
            deleted_at: None,
        })
    }
}

/// Stores a new draft under a free slug.
///
/// # Errors
/// 503 when none was found.
async fn store_draft(platform: &Platform, mut course: Course) -> ApiResult<Course> {
    let (base, courses) = (course.slug.clone(), platform.store().courses());
    for _ in 0..SLUG_TRIES {
        if courses.create(&course).await? {
            return Ok(course);
        }
        // An earlier attempt at the same request has made it, whichever slug it got.
        if let Some(made) = courses.get(course.id).await? {
            return Ok(made);
        }
        course.slug = with_suffix(&base, platform.ambient().random.bytes());
    }
    Err(no_free_slug())
}

/// No slug was found in [`SLUG_TRIES`].
pub(crate) fn no_free_slug() -> ApiError {
    let message = "No address could be found for the title. Try again, or change the title.";
    ApiError::unavailable("NO_FREE_SLUG", message)
}

/// Makes a draft of the caller. Its slug is made from the title.
#[utoipa::path(
    post, path = "/courses", operation_id = "create_course", tag = "courses",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request")),
    request_body = CreateCourse,
    responses((status = 201, description = "The course", body = CourseView)),
)]
pub(crate) async fn create_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    key: IdempotencyKey,
    Body(new): Body<CreateCourse>,
) -> ApiResult<Response> {
    let request = serde_json::to_string(&new).map_err(ApiError::internal)?;
    let mut version = None;
    let made = key.run(&platform, caller.user_id, "create_course", &request, async |attempt| {
        let draft = new.into_draft(attempt.derived(0), caller.user_id, platform.ambient().now())?;
        let course = store_draft(&platform, draft).await?;
        version = Some(course.revision);
        Ok((StatusCode::CREATED, CourseView::from(course)))
    });
    let made = made.await?;
    // The memory of an answer has its body alone.
    Ok(match version {
        Some(version) => (tag(version), made).into_response(),
        None => made,
    })
}
