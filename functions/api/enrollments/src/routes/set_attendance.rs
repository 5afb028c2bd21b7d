//! A teacher says who was there.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use domain::attendance::{AttendanceStatus, CLASS_PAGE_MAX};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use store::{StoreError, entities::attendance::Mark};

use crate::attendance::check_own_section;

/// Attendance of one student.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttendanceItem {
    /// An enrolment of the course.
    enrollment: Id<kinds::Enrollment>,
    /// Null takes back what was set: the rule counts again. It must be sent.
    #[serde(deserialize_with = "sent")]
    #[schema(required = true)]
    status: Option<AttendanceStatus>,
}

/// A null must be meant: serde takes a field that is missing for one, but not where it has a function of its own.
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AttendanceStatus>, D::Error> {
    Option::deserialize(deserializer)
}

/// Attendance of several students.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"attendance": [
    {"enrollment": "01933b7a-3c5e-7000-8000-4f2d1c9a7b11", "status": "late"},
    {"enrollment": "01933b7a-3c5e-7000-8000-4f2d1c9a7b12", "status": null},
]}))]
pub(crate) struct SetAttendance {
    /// Up to 1,000 students, each once.
    #[garde(length(min = 1, max = CLASS_PAGE_MAX as usize), custom(check_each_once))]
    attendance: Vec<AttendanceItem>,
}

fn check_each_once(items: &[AttendanceItem], _: &()) -> garde::Result {
    let ids: BTreeSet<_> = items.iter().map(|item| item.enrollment).collect();
    if ids.len() == items.len() { Ok(()) } else { Err(garde::Error::new("must name each enrolment once")) }
}

/// How many students were marked.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AttendanceSet {
    /// Those who have a status now.
    #[schema(example = 28)]
    set: usize,
    /// Those whose status was taken back.
    #[schema(example = 2)]
    removed: usize,
}

/// Sets the attendance of students of the caller's course in a section, by hand: it wins over what follows from their watching. Who is not
/// named stays as he is; the same request again changes nothing.
///
/// Written in groups of 50. If it fails in between, send it again.
#[utoipa::path(
    put, path = "/courses/{id}/sections/{section}/attendance", operation_id = "set_attendance", tag = "enrollments",
    params(("id" = Id<kinds::Course>, Path), ("section" = Id<kinds::Section>, Path)),
    request_body = SetAttendance,
    responses((status = 200, description = "It is set", body = AttendanceSet)),
)]
pub(crate) async fn set_attendance(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, section)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    Body(body): Body<SetAttendance>,
) -> ApiResult<Json<AttendanceSet>> {
    check_own_section(&platform, caller, course, section).await?;
    let ids: BTreeSet<_> = body.attendance.iter().map(|item| item.enrollment).collect();
    let students = platform.store().classes().members(course, &ids).await?;
    let missing: Vec<_> = ids.iter().filter(|id| !students.contains_key(id)).collect();
    if !missing.is_empty() {
        let message = "The course has no such enrolment. Take those that GET on this path lists.";
        let details = json!({ "enrollments": missing });
        return Err(ApiError::not_found("ENROLLMENT_NOT_FOUND", message).with_details(details));
    }
    let marks: Vec<Mark<'_>> = body
        .attendance
        .iter()
        .filter_map(|item| Some(Mark { student: students.get(&item.enrollment)?, status: item.status }))
        .collect();
    let now = platform.ambient().now();
    match platform.store().attendances().mark((course, section), &marks, now).await {
        Ok(()) => {}
        Err(StoreError::ConditionFailed(_)) => {
            let message = "A student has left the class just now. Send the request again.";
            return Err(ApiError::conflict("CLASS_CHANGED", message));
        }
        Err(error) => return Err(error.into()),
    }
    let set = marks.iter().filter(|mark| mark.status.is_some()).count();
    Ok(Json(AttendanceSet { set, removed: marks.len() - set }))
}
