//! A student opens a lesson and spends time with it.

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::lesson_progress::Visit;

use crate::{lesson::OwnLesson, views::LessonProgressView};

/// Longest time that is looked at, in seconds: a year. The server's clock allows less anyway.
const WATCH_TIME_MAX: u64 = 31_536_000;

/// The time that a student spent with a lesson (seeds 000 and 001, LessonProgress).
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportLesson {
    /// All the time so far, in seconds. A claim: no more counts than has passed since the lesson was opened, which is the first report. Of a
    /// video the reports of its player count instead.
    #[serde(default)]
    #[garde(range(max = WATCH_TIME_MAX))]
    #[schema(example = 180)]
    watch_time_seconds: u64,
}

/// Opens a lesson, or reports the time that was spent with it: a text or files are completed when that reaches their least time. A report that
/// comes twice, late or in another order leads to the same.
#[utoipa::path(
    put, path = "/enrollments/{id}/lessons/{lesson_id}/progress", operation_id = "report_lesson_progress",
    tag = "enrollments",
    params(("id" = Id<kinds::Enrollment>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    request_body = ReportLesson,
    responses((status = 200, description = "The progress", body = LessonProgressView)),
)]
pub(crate) async fn report_lesson_progress(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((id, lesson)): Params<(Id<kinds::Enrollment>, Id<kinds::Lesson>)>,
    Body(body): Body<ReportLesson>,
) -> ApiResult<Json<LessonProgressView>> {
    let mut own = OwnLesson::read(&platform, caller, id, lesson).await?;
    if !own.is_completed() {
        own.check_open(&platform).await?;
    }
    let least_seconds = own.least_seconds(&platform).await?;
    let visit = Visit { claimed_seconds: body.watch_time_seconds, least_seconds };
    let (learning, now) = (platform.store().learning(), platform.ambient().now());
    let known = (own.progress.take(), own.learner.clone());
    own.progress = Some(learning.visit(own.taken(), known, visit, now).await?);
    Ok(Json(LessonProgressView::of(&own)))
}
