//! One file for each endpoint.

pub(crate) mod enroll_in_course;
pub(crate) mod get_attendance;
pub(crate) mod get_certificate;
pub(crate) mod get_certificate_document;
pub(crate) mod get_certificate_keys;
pub(crate) mod get_enrollment;
pub(crate) mod list_enrollments;
pub(crate) mod mark_lesson_complete;
pub(crate) mod report_lesson_progress;
pub(crate) mod revoke_certificate;
pub(crate) mod set_attendance;
pub(crate) mod update_enrollment;
