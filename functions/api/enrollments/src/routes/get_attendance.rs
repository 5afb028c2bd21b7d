//! A teacher looks at who was there.

use axum::{Json, extract::State};
use http_kit::{ApiResult, ClassQuery, CursorQuery, Instructor, Params, Platform, Query, openapi::BASE_PATH};
use kernel::{Id, id::kinds};
use serde::Serialize;

use crate::attendance::{AttendanceView, check_own_section};

/// Attendance of a class in a section.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AttendancePage {
    /// How many videos of the section must be completed to count as present without a word of the teacher; 0 where the rule says nothing:
    /// there is none that can be played, or there are more than 50.
    #[schema(example = 3)]
    videos: usize,
    /// The next page's URL.
    next: Option<String>,
    /// The students in the order of their enrolment, whatever the state of it.
    results: Vec<AttendanceView>,
}

/// Attendance of the class in a section of the caller's course, up to 1,000 students in a page.
///
/// What was set by hand counts. Who has completed all videos of the section counts as present unless something else was set.
#[utoipa::path(
    get, path = "/courses/{id}/sections/{section}/attendance", operation_id = "get_attendance", tag = "enrollments",
    params(("id" = Id<kinds::Course>, Path), ("section" = Id<kinds::Section>, Path), ClassQuery),
    responses((status = 200, description = "A page of the class", body = AttendancePage)),
)]
pub(crate) async fn get_attendance(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, section)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    Query(query): Query<ClassQuery>,
) -> ApiResult<Json<AttendancePage>> {
    let cursor = CursorQuery::from(query);
    let list = format!("attendance:{course}");
    let start = cursor.start(&platform, &list).await?;
    check_own_section(&platform, caller, course, section).await?;
    let classes = platform.store().classes();
    let page = classes.page(course, cursor.page_size, start).await?;
    let students: Vec<_> = page.items.iter().map(|student| student.id).collect();
    let attendance = classes.attendance((course, section), &students).await?;
    let results = page.items.iter().map(|student| AttendanceView::new(student, &attendance)).collect();
    let path = format!("{BASE_PATH}/courses/{course}/sections/{section}/attendance");
    let shown = cursor.page(&platform, &list, &path, &[], results, page.next).await?;
    Ok(Json(AttendancePage { videos: attendance.videos, next: shown.next, results: shown.results }))
}
