//! Where a learner goes on.

use axum::{Json, extract::State};
use domain::{
    course::{LessonKind, duration_minutes, progress_percent},
    learning::Lock,
};
use garde::Validate;
use http_kit::{ApiResult, Platform, Query, SignedIn};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::places::{Place, places};

const fn default_limit() -> usize {
    4
}

/// How many.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContinueLimit {
    /// Courses at most.
    #[serde(default = "default_limit")]
    #[garde(range(min = 1, max = 8))]
    #[param(minimum = 1, maximum = 8, default = 4, example = 4)]
    limit: usize,
}

/// A course to go on with.
#[derive(Serialize, utoipa::ToSchema)]
struct ContinuedCourse {
    id: Id<kinds::Course>,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: String,
    thumbnail: String,
    /// The teacher's name; empty where the account is gone.
    #[schema(example = "Dr. Angela Yu")]
    instructor: Secret<String>,
}

/// The lesson to go on with.
#[derive(Serialize, utoipa::ToSchema)]
struct CurrentLesson {
    id: Id<kinds::Lesson>,
    #[schema(example = "JavaScript Fundamentals")]
    title: String,
    /// Its place among all lessons of the course, from 1.
    #[schema(example = 15)]
    order: usize,
    kind: LessonKind,
    #[schema(example = 12)]
    duration_minutes: u64,
    video_id: Option<Id<kinds::Video>>,
    /// Where to resume its video, in seconds.
    #[schema(example = 126)]
    last_position: u64,
    /// Whether the caller may not take it yet.
    locked: bool,
    /// When its time comes, where that is why.
    #[schema(example = "2026-09-01T08:00:00Z")]
    opens_at: Option<Timestamp>,
}

/// A course that the caller learns in (seed 001 §4.8).
#[derive(Serialize, utoipa::ToSchema)]
struct CourseToContinue {
    enrollment_id: Id<kinds::Enrollment>,
    course: ContinuedCourse,
    #[schema(example = 45)]
    progress_percent: u32,
    #[schema(example = 18)]
    lessons_completed: u32,
    #[schema(example = 40)]
    total_lessons: u32,
    /// When he learnt in it last, to some ten minutes; null where he has not begun, or where that is long ago.
    last_learned_at: Option<Timestamp>,
    /// Null where the course has no lessons that he has not completed.
    current_lesson: Option<CurrentLesson>,
}

/// The courses that the caller learns in.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CoursesToContinue {
    /// Where he learnt last comes first; then courses that he has not begun, the newest first.
    results: Vec<CourseToContinue>,
}

/// Courses that the caller has not completed and may take now, with the lesson to go on with: the one that he was in, or the one after it.
#[utoipa::path(
    get, path = "/dashboard/continue-learning", operation_id = "list_courses_to_continue", tag = "dashboard",
    params(ContinueLimit),
    responses((status = 200, description = "The courses", body = CoursesToContinue)),
)]
pub(crate) async fn list_courses_to_continue(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(ContinueLimit { limit }): Query<ContinueLimit>,
) -> ApiResult<Json<CoursesToContinue>> {
    let places = places(&platform, caller.user_id, limit).await?;
    Ok(Json(CoursesToContinue { results: places.into_iter().map(view).collect() }))
}

fn view(place: Place) -> CourseToContinue {
    let current = place.current();
    let Place { enrollment, outline, teacher, learned_at, .. } = place;
    let course = outline.course;
    let done = enrollment.lessons_completed.min(course.lesson_count);
    CourseToContinue {
        enrollment_id: enrollment.id,
        progress_percent: progress_percent(done, course.lesson_count),
        lessons_completed: done,
        total_lessons: course.lesson_count,
        last_learned_at: learned_at,
        current_lesson: current.map(|(order, lesson, lock, last_position)| CurrentLesson {
            id: lesson.id,
            title: lesson.title,
            order,
            kind: lesson.kind,
            duration_minutes: duration_minutes(lesson.duration_seconds),
            video_id: lesson.video_id,
            last_position,
            locked: lock.is_some(),
            opens_at: lock.and_then(|lock: Lock| lock.opens_at),
        }),
        course: ContinuedCourse {
            id: course.id,
            title: course.title,
            slug: course.slug,
            thumbnail: course.thumbnail,
            instructor: teacher.map_or_else(|| Secret::new(String::new()), |teacher| teacher.full_name()),
        },
    }
}
