//! What a caller may see of a course.

use domain::course::Viewer;
use http_kit::{ApiError, ApiResult, Platform, Principal};
use kernel::{Id, id::kinds};
use store::entities::{Course, Enrollment, Lesson, TakenLesson};

use crate::refusals::{course_not_found, lesson_locked, lesson_not_found};

/// A course that the caller teaches: one read.
///
/// # Errors
/// 404 for everybody else, and when he deleted it.
pub(crate) async fn own(platform: &Platform, id: Id<kinds::Course>, caller: Principal) -> ApiResult<Course> {
    let found = platform.store().courses().get(id).await?;
    found.filter(|course| course.is_taught_by(caller.user_id)).ok_or_else(course_not_found)
}

/// The caller as a viewer of this course, with his enrolment. No read for visitors and the course's teacher, up to two for others, and two
/// more where nothing but his plan gives him the right.
///
/// # Errors
/// 404 when the course is a draft of somebody else and the caller is not enrolled.
pub(crate) async fn viewer(
    platform: &Platform,
    caller: Option<Principal>,
    course: &Course,
) -> ApiResult<(Viewer, Option<Enrollment>)> {
    let enrollment = match caller {
        Some(caller) if caller.user_id != course.instructor_id => {
            platform.store().enrollments().of_course(caller.user_id, course.id).await?
        }
        _ => None,
    };
    let viewer = as_viewer(platform, caller, course, enrollment.as_ref()).await?;
    if viewer.enrolled || viewer.may_see(course.status) {
        Ok((viewer, enrollment))
    } else {
        Err(course_not_found())
    }
}

/// The caller as a viewer of this course. No read, or two where nothing but a plan gives him the right.
pub(crate) async fn as_viewer(
    platform: &Platform,
    caller: Option<Principal>,
    course: &Course,
    enrollment: Option<&Enrollment>,
) -> ApiResult<Viewer> {
    let enrolled = match enrollment {
        Some(found) => platform.store().enrollments().gives_access(found, platform.ambient().now()).await?,
        None => false,
    };
    Ok(Viewer { owner: caller.is_some_and(|caller| course.is_taught_by(caller.user_id)), enrolled })
}

/// A lesson that the caller may take.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The caller.
    pub(crate) viewer: Viewer,
    /// The lesson.
    pub(crate) lesson: Lesson,
    /// What he completes in it, where he is enrolled.
    pub(crate) taken: Option<TakenLesson>,
}

/// A lesson that the caller may take now. One batch, and up to two reads for who neither teaches the course nor is a visitor; where something
/// may lock it for a student, [`store::entities::lesson_progress::Learning::lock`] besides.
///
/// # Errors
/// 404 when he may not know of it, 401 or 403 when he must enrol first, 403 when it is not open for him yet.
pub(crate) async fn lesson_to_take(
    platform: &Platform,
    caller: Option<Principal>,
    course: Id<kinds::Course>,
    lesson: Id<kinds::Lesson>,
) -> ApiResult<Taken> {
    let batch = platform.store().batch().with::<Course>(Course::key_of(course));
    let found = batch.with::<Lesson>(Lesson::key_of(course, lesson)).read().await?;
    let course =
        found.one::<Course>()?.filter(|course| course.deleted_at.is_none()).ok_or_else(course_not_found)?;
    let (viewer, enrollment) = viewer(platform, caller, &course).await?;
    let lesson: Lesson = found.one()?.ok_or_else(lesson_not_found)?;
    if viewer.may_take(course.status, lesson.is_preview) {
        let enrollment = enrollment.filter(|_| viewer.enrolled);
        if let Some(enrollment) = &enrollment {
            let (learning, now) = (platform.store().learning(), platform.ambient().now());
            if let Some(lock) = learning.lock(enrollment, (&course, &lesson), now).await? {
                return Err(lesson_locked(lock.into()));
            }
        }
        let taken = enrollment.map(|enrollment| TakenLesson::new(&enrollment, &lesson));
        return Ok(Taken { viewer, lesson, taken });
    }
    let by_plan = enrollment.is_some_and(|found| found.sources().is_plan_alone());
    Err(match caller {
        // His place stays, and opens again with his next plan.
        Some(_) if by_plan => ApiError::forbidden(
            "PLAN_ENDED",
            "You took this course with a plan that has ended. Subscribe again, or buy the course.",
        ),
        Some(_) => ApiError::forbidden("ENROLLMENT_REQUIRED", "Enrol in the course to take this lesson."),
        // As playback says: a login may show that he is enrolled.
        None => ApiError::unauthorized(
            "NOT_AUTHENTICATED",
            "Log in, and enrol in the course to take this lesson.",
        ),
    })
}
