//! Which course a caller may see.

use domain::course::CourseStatus;
use http_kit::ApiResult;
use kernel::{Id, id::kinds};
use store::entities::{Course, EnrollmentGuard};

use crate::refusals::course_not_found;

/// The course, for who may see it: everybody when it is published, its teacher and who is or was enrolled in it always.
///
/// # Errors
/// 404 for everybody else.
pub(crate) fn seen(
    course: Option<Course>,
    caller: Option<Id<kinds::User>>,
    enrolled: Option<&EnrollmentGuard>,
) -> ApiResult<Course> {
    let visible = |course: &Course| {
        course.deleted_at.is_none()
            && (course.status == CourseStatus::Published
                || caller.is_some_and(|caller| course.is_taught_by(caller))
                || enrolled.is_some())
    };
    course.filter(visible).ok_or_else(course_not_found)
}

/// The course, for who teaches it.
///
/// # Errors
/// 404 for everybody else.
pub(crate) fn taught(course: Option<Course>, caller: Id<kinds::User>) -> ApiResult<Course> {
    course.filter(|course| course.is_taught_by(caller)).ok_or_else(course_not_found)
}
