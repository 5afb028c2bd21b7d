//! What a caller may see of a course.

use domain::{course::Viewer, enrollment::gives_access};
use http_kit::{ApiError, ApiResult, Platform, Principal};
use kernel::{Id, Timestamp, id::kinds};
use store::entities::{Course, Enrollment, Lesson};

use crate::refusals::{course_not_found, lesson_not_found};

/// A course that the caller teaches: one read.
///
/// # Errors
/// 404 for everybody else, and when he deleted it.
pub(crate) async fn own(platform: &Platform, id: Id<kinds::Course>, caller: Principal) -> ApiResult<Course> {
    let found = platform.store().courses().get(id).await?;
    let own = |course: &Course| course.instructor_id == caller.user_id && course.retired_at.is_none();
    found.filter(own).ok_or_else(course_not_found)
}

/// The caller as a viewer of this course, with his enrolment. No read for visitors and the course's teacher, up to two for others.
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
    let viewer = as_viewer(caller, course, enrollment.as_ref(), platform.ambient().now());
    if viewer.enrolled || viewer.may_see(course.status) {
        Ok((viewer, enrollment))
    } else {
        Err(course_not_found())
    }
}

/// The caller as a viewer of this course.
pub(crate) fn as_viewer(
    caller: Option<Principal>,
    course: &Course,
    enrollment: Option<&Enrollment>,
    now: Timestamp,
) -> Viewer {
    Viewer {
        owner: course.retired_at.is_none()
            && caller.is_some_and(|caller| caller.user_id == course.instructor_id),
        enrolled: enrollment.is_some_and(|found| gives_access(found.status, found.expiry_date, now)),
    }
}

/// A lesson that the caller may take. One batch, and up to two reads for who neither teaches the course nor is a visitor.
///
/// # Errors
/// 404 when he may not know of it, 401 or 403 when he must enrol first.
pub(crate) async fn lesson_to_take(
    platform: &Platform,
    caller: Option<Principal>,
    course: Id<kinds::Course>,
    lesson: Id<kinds::Lesson>,
) -> ApiResult<(Viewer, Lesson)> {
    let batch = platform.store().batch().with::<Course>(Course::key_of(course));
    let found = batch.with::<Lesson>(Lesson::key_of(course, lesson)).read().await?;
    let course =
        found.one::<Course>()?.filter(|course| course.deleted_at.is_none()).ok_or_else(course_not_found)?;
    let (viewer, _) = viewer(platform, caller, &course).await?;
    let lesson: Lesson = found.one()?.ok_or_else(lesson_not_found)?;
    if viewer.may_take(course.status, lesson.is_preview) {
        return Ok((viewer, lesson));
    }
    Err(match caller {
        Some(_) => ApiError::forbidden("ENROLLMENT_REQUIRED", "Enrol in the course to take this lesson."),
        // As playback says: a login may show that he is enrolled.
        None => ApiError::unauthorized(
            "NOT_AUTHENTICATED",
            "Log in, and enrol in the course to take this lesson.",
        ),
    })
}
