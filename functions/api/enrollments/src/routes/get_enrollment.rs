//! A student looks at one of his courses and how far he is in it.

use std::collections::HashMap;

use axum::{Json, extract::State};
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Lesson, Outline, Person, VideoProgress};

use crate::views::{EnrolledCourse, EnrolledLesson, EnrolledSection, EnrollmentState, EnrollmentTeacher};

/// An enrolment with its course.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrollmentDetail {
    #[serde(flatten)]
    state: EnrollmentState,
    course: CourseWithState,
}

/// A course with the caller's state in its lessons.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseWithState {
    #[serde(flatten)]
    course: EnrolledCourse,
    /// Null where the account is gone.
    instructor: Option<EnrollmentTeacher>,
    curriculum: Vec<EnrolledSection>,
}

/// An enrolment of the caller, with the curriculum and his state in each lesson.
#[utoipa::path(
    get, path = "/enrollments/{id}", operation_id = "get_enrollment", tag = "enrollments",
    params(("id" = Id<kinds::Enrollment>, Path)),
    responses((status = 200, description = "The enrolment", body = EnrollmentDetail)),
)]
pub(crate) async fn get_enrollment(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Enrollment>>,
) -> ApiResult<Json<EnrollmentDetail>> {
    let store = platform.store();
    let not_found = || {
        ApiError::not_found(
            "ENROLLMENT_NOT_FOUND",
            "You have no such enrolment. GET /enrollments lists yours.",
        )
    };
    let enrollment = store.enrollments().get(caller.user_id, id).await?.ok_or_else(not_found)?;
    let (courses, progress) = (store.courses(), store.progress());
    let (outline, progress) =
        tokio::try_join!(courses.outline(enrollment.course_id), progress.all_of_enrollment(id))?;
    let outline = outline.ok_or_else(not_found)?;
    let teacher = store.batch().with_people([outline.course.instructor_id]).read().await?.one::<Person>()?;

    let course = EnrolledCourse::new(&outline.course);
    let total = outline.course.lesson_count;
    let curriculum = with_state(outline, progress);
    let completed =
        curriculum.iter().flat_map(|section| &section.lessons).filter(|lesson| lesson.completed).count();
    // The lessons are what the student sees; the stored count may be behind them.
    let completed = u32::try_from(completed).unwrap_or(u32::MAX).max(enrollment.lessons_completed);
    Ok(Json(EnrollmentDetail {
        state: EnrollmentState::new(&enrollment, completed, total),
        course: CourseWithState { course, instructor: teacher.map(EnrollmentTeacher::from), curriculum },
    }))
}

/// The curriculum with what was watched of each lesson's video.
fn with_state(outline: Outline, progress: Vec<VideoProgress>) -> Vec<EnrolledSection> {
    let progress: HashMap<_, _> =
        progress.into_iter().map(|progress| (progress.video_id, progress)).collect();
    let with_state = |lesson: Lesson| {
        let seconds = lesson.duration_seconds;
        let untouched = EnrolledLesson::untouched(lesson);
        match untouched.video_id.and_then(|id| progress.get(&id)) {
            Some(progress) => EnrolledLesson {
                completed: progress.completed,
                watch_time_seconds: watched_seconds(progress.progress, seconds),
                last_position: progress.last_position,
                ..untouched
            },
            None => untouched,
        }
    };
    outline
        .sections
        .into_iter()
        .map(|(section, lessons)| EnrolledSection {
            id: section.id,
            title: section.title,
            description: section.description,
            lessons: lessons.into_iter().map(with_state).collect(),
        })
        .collect()
}

/// Seconds of a video that were watched, each counted once.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of 0 to 1 of a duration far below 2^52 seconds"
)]
fn watched_seconds(part: f64, duration: u64) -> u64 {
    (part.clamp(0.0, 1.0) * duration as f64).round() as u64
}
