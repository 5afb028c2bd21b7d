//! One file for each endpoint.

pub(crate) mod enroll_in_course;
pub(crate) mod get_enrollment;
pub(crate) mod list_enrollments;
