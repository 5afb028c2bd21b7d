//! A student looks at his courses.

use std::collections::HashMap;

use axum::{Json, extract::State};
use domain::enrollment::EnrollmentStatus;
use garde::Validate;
use http_kit::{ApiResult, NumberedPage, PageQuery, Platform, Query, SignedIn, openapi::BASE_PATH};
use serde::{Deserialize, Serialize};
use store::entities::{Course, LearnerStats};

use crate::views::{EnrolledCourse, EnrollmentState};

/// The filter of the list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only those of this state.
    #[garde(skip)]
    #[param(inline)]
    status: Option<EnrollmentStatus>,
}

/// An enrolment in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrollmentListItem {
    #[serde(flatten)]
    state: EnrollmentState,
    course: EnrolledCourse,
}

/// The caller's enrolments, the newest first.
#[utoipa::path(
    get, path = "/enrollments", operation_id = "list_enrollments", tag = "enrollments",
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of enrolments", body = NumberedPage<EnrollmentListItem>)),
)]
pub(crate) async fn list_enrollments(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageQuery>,
    Query(filter): Query<Filter>,
) -> ApiResult<Json<NumberedPage<EnrollmentListItem>>> {
    let status = filter.status;
    let name = status.map(|status| status.to_string()).unwrap_or_default();
    let list = format!("enrollments#{}#{name}", caller.user_id);
    let store = platform.store();
    let start = query.start(&platform, &list).await?;
    let page =
        store.enrollments().of_user(caller.user_id, status, start, query.skip(), query.page_size).await?;

    // One batch over two tables: the courses, and how many enrolments there are.
    let found = store
        .batch()
        .with_all::<Course>(page.items.iter().map(|enrollment| Course::key_of(enrollment.course_id)))
        .with::<LearnerStats>(LearnerStats::key_of(caller.user_id))
        .read()
        .await?;
    let courses: HashMap<_, _> =
        found.all::<Course>()?.into_iter().map(|course| (course.id, course)).collect();
    let count = found.one::<LearnerStats>()?.map_or(0, |stats| stats.count_of(status));
    let results = page
        .items
        .iter()
        .filter_map(|enrollment| {
            // A course with students is never deleted, so none is left out here.
            let course = courses.get(&enrollment.course_id)?;
            let lessons = (enrollment.lessons_completed, course.lesson_count);
            let state = EnrollmentState::new(enrollment, lessons, platform.public_base_url());
            Some(EnrollmentListItem { state, course: EnrolledCourse::new(course) })
        })
        .collect();
    let filter = [("status", name.as_str())];
    let filters: &[_] = if status.is_some() { &filter } else { &[] };
    let path = format!("{BASE_PATH}/enrollments");
    Ok(Json(query.page(&platform, &list, &path, filters, count, results, page.next).await?))
}
