//! What the endpoints of attendance share: whose section it is, and how a student's attendance is shown.

use domain::attendance::AttendanceStatus;
use http_kit::{ApiError, ApiResult, Platform, Principal};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Course, Enrollment, SectionPlace, class::SectionAttendance};

/// Refuses everybody but who teaches the course of this section: one batch.
///
/// # Errors
/// 404.
pub(crate) async fn check_own_section(
    platform: &Platform,
    caller: Principal,
    course: Id<kinds::Course>,
    section: Id<kinds::Section>,
) -> ApiResult<()> {
    let batch = platform.store().batch().with::<Course>(Course::key_of(course));
    let found = batch.with::<SectionPlace>(SectionPlace::key_of(section)).read().await?;
    let own = found.one::<Course>()?.is_some_and(|course| course.is_taught_by(caller.user_id));
    let of_course = found.one::<SectionPlace>()?.is_some_and(|place| place.course_id == course);
    if own && of_course {
        return Ok(());
    }
    let message = "You teach no such section. GET /api/v1/courses/{id}/sections lists those of your course.";
    Err(ApiError::not_found("SECTION_NOT_FOUND", message))
}

/// Attendance of one student (seed 002, Attendance).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AttendanceView {
    enrollment: Id<kinds::Enrollment>,
    student_id: Id<kinds::User>,
    #[schema(example = "Ada Lovelace")]
    student_name: String,
    /// What counts; null while nothing is known.
    status: Option<AttendanceStatus>,
    /// Whether it follows from what the student watched, and was not set by hand.
    by_rule: bool,
    /// Videos of the section that he has completed, 90 % each.
    #[schema(example = 3)]
    videos_completed: usize,
    /// When it was set by hand.
    marked_at: Option<Timestamp>,
}

impl AttendanceView {
    pub(crate) fn new(student: &Enrollment, section: &SectionAttendance) -> Self {
        let counts = section.of(student.id);
        Self {
            enrollment: student.id,
            student_id: student.user_id,
            student_name: student.student_name.expose().clone(),
            status: counts.status,
            by_rule: counts.by_rule,
            videos_completed: section.completed(student.id),
            marked_at: section.marked_at(student.id),
        }
    }
}
