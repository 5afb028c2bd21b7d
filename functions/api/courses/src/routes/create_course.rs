//! An instructor begins a course.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use course_document::{CreateCourse, SLUG_TRIES};
use domain::course::slug::with_suffix;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Platform};
use store::entities::Course;

use crate::{
    refusals::{faulty, no_free_slug},
    version::tag,
    views::CourseView,
};

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
        let draft =
            new.into_draft(attempt.derived(0), caller.user_id, platform.ambient().now()).map_err(faulty)?;
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
