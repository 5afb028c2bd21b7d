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
                || caller.is_some_and(|caller| teaches(course, caller))
                || enrolled.is_some())
    };
    course.filter(visible).ok_or_else(course_not_found)
}

/// The course, for who teaches it.
///
/// # Errors
/// 404 for everybody else.
pub(crate) fn taught(course: Option<Course>, caller: Id<kinds::User>) -> ApiResult<Course> {
    let own = |course: &Course| course.deleted_at.is_none() && teaches(course, caller);
    course.filter(own).ok_or_else(course_not_found)
}

/// A teacher who deleted a course with students has let go of it.
fn teaches(course: &Course, caller: Id<kinds::User>) -> bool {
    course.instructor_id == caller && course.retired_at.is_none()
}
