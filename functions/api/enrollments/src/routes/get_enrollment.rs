//! A student looks at one of his courses and how far he is in it.

use std::collections::HashMap;

use axum::{Json, extract::State};
use domain::learning::locks;
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Enrollment, Lesson, LessonProgress, Outline, Person, VideoProgress};

use crate::{
    refusals,
    views::{
        EnrolledCourse, EnrolledLesson, EnrolledSection, EnrollmentState, EnrollmentTeacher, is_completed,
    },
};

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
    let enrollment = store.enrollments().get(caller.user_id, id).await?.ok_or_else(refusals::not_found)?;
    let (courses, learning, progress) = (store.courses(), store.learning(), store.progress());
    let (outline, lessons, videos) = tokio::try_join!(
        courses.outline(enrollment.course_id),
        learning.of_enrollment(id),
        progress.all_of_enrollment(id)
    )?;
    let outline = outline.ok_or_else(refusals::not_found)?;
    let teacher = store.batch().with_people([outline.course.instructor_id]).read().await?.one::<Person>()?;

    let course = EnrolledCourse::new(&outline.course);
    let total = outline.course.lesson_count;
    let now = platform.ambient().now();
    let curriculum = with_state(outline, &enrollment, &Known::new(lessons, videos), now);
    let lessons = || curriculum.iter().flat_map(|section| &section.lessons);
    // The lessons are what the student sees; the stored count has those that have gone too.
    let completed = u32::try_from(lessons().filter(|lesson| lesson.completed).count()).unwrap_or(u32::MAX);
    Ok(Json(EnrollmentDetail {
        state: EnrollmentState::new(&enrollment, (completed, total), platform.public_base_url()),
        course: CourseWithState { course, instructor: teacher.map(EnrollmentTeacher::from), curriculum },
    }))
}

/// What is known of a student's progress in the lessons of a course.
struct Known {
    lessons: HashMap<Id<kinds::Lesson>, LessonProgress>,
    videos: HashMap<Id<kinds::Video>, VideoProgress>,
}

impl Known {
    fn new(lessons: Vec<LessonProgress>, videos: Vec<VideoProgress>) -> Self {
        Self {
            lessons: lessons.into_iter().map(|progress| (progress.lesson_id, progress)).collect(),
            videos: videos.into_iter().map(|progress| (progress.video_id, progress)).collect(),
        }
    }

    fn of(&self, lesson: &Lesson) -> (Option<&LessonProgress>, Option<&VideoProgress>) {
        let watched = lesson.video_id.and_then(|video| self.videos.get(&video));
        (self.lessons.get(&lesson.id), watched)
    }
}

/// The curriculum with the student's state in each lesson.
fn with_state(
    outline: Outline,
    enrollment: &Enrollment,
    known: &Known,
    now: Timestamp,
) -> Vec<EnrolledSection> {
    let step = |lesson: &Lesson| {
        let (progress, watched) = known.of(lesson);
        lesson.step(is_completed(progress, watched))
    };
    let steps = outline.lessons().map(step);
    let mut locks = locks(steps, outline.course.required_order, enrollment.enrolled_at, now).into_iter();
    let mut with_state = |lesson: Lesson| {
        let (progress, watched) = known.of(&lesson);
        EnrolledLesson::new(lesson, progress, watched, locks.next().flatten())
    };
    outline
        .sections
        .into_iter()
        .map(|(section, lessons)| EnrolledSection {
            id: section.id,
            title: section.title,
            description: section.description,
            lessons: lessons.into_iter().map(&mut with_state).collect(),
        })
        .collect()
}
