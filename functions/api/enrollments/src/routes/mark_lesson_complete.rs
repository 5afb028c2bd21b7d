//! A student says that he is done with a lesson.

use axum::{Json, extract::State};
use domain::{course::progress_percent, learning::lacks};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{lesson::OwnLesson, refusals};

/// The lesson (seed 001 §4.7).
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkLesson {
    #[garde(skip)]
    lesson_id: Id<kinds::Lesson>,
}

/// A lesson that is completed (seed 001 §4.7).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct MarkedLesson {
    lesson_id: Id<kinds::Lesson>,
    enrollment_id: Id<kinds::Enrollment>,
    is_completed: bool,
    /// Progress in the course, 0 to 100.
    #[schema(example = 45)]
    enrollment_progress: u32,
    /// Whether this completed the course.
    course_completed: bool,
}

/// Completes a lesson: a video of which 90 % were watched, a quiz that was passed, a text or files that were opened and their least time ago.
/// One that is completed is answered as before. The last lesson completes the course.
#[utoipa::path(
    post, path = "/enrollments/{id}/mark-lesson-complete", operation_id = "mark_lesson_complete", tag = "enrollments",
    params(("id" = Id<kinds::Enrollment>, Path)),
    request_body = MarkLesson,
    responses((status = 200, description = "It is completed", body = MarkedLesson)),
)]
pub(crate) async fn mark_lesson_complete(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Enrollment>>,
    Body(body): Body<MarkLesson>,
) -> ApiResult<Json<MarkedLesson>> {
    let now = platform.ambient().now();
    let own = OwnLesson::read(&platform, caller, id, body.lesson_id).await?;
    if !own.is_completed() {
        own.check_open(&platform).await?;
        if let Some(lacks) = lacks(own.evidence(now)) {
            return Err(refusals::not_finished(lacks));
        }
    }
    let done = platform.store().learning().complete(own.taken(), None, now).await?;
    Ok(Json(MarkedLesson {
        lesson_id: body.lesson_id,
        enrollment_id: id,
        is_completed: done.progress.is_completed(),
        enrollment_progress: progress_percent(done.lessons_completed, done.lesson_count),
        course_completed: done.completes_course,
    }))
}
