//! What a caller may see of a course.

use domain::{course::Viewer, enrollment::gives_access};
use http_kit::{ApiResult, Platform, Principal};
use kernel::Timestamp;
use store::entities::{Course, Enrollment};

use crate::refusals::course_not_found;

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
        owner: caller.is_some_and(|caller| caller.user_id == course.instructor_id),
        enrolled: enrollment.is_some_and(|found| gives_access(found.status, found.expiry_date, now)),
    }
}
