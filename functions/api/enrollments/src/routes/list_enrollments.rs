//! A student looks at his courses.

use std::collections::HashMap;

use axum::{Json, extract::State};
use domain::enrollment::EnrollmentStatus;
use garde::Validate;
use http_kit::{ApiResult, NumberedPage, PageQuery, Platform, Query, SignedIn, openapi::BASE_PATH};
use serde::{Deserialize, Serialize};
use store::entities::{Course, LearnerStats};

use crate::views::{EnrolledCourse, EnrollmentState};

/// Which enrolments; all where it is not sent.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StatusFilter {
    /// Those under way.
    Active,
    /// Those that are completed.
    Completed,
}

/// The filter of the list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    #[garde(skip)]
    #[param(inline)]
    status: Option<StatusFilter>,
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
    let (status, name) = match filter.status {
        None => (None, ""),
        Some(StatusFilter::Active) => (Some(EnrollmentStatus::Active), "active"),
        Some(StatusFilter::Completed) => (Some(EnrollmentStatus::Completed), "completed"),
    };
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
    let stats = found.one::<LearnerStats>()?;
    let count = stats.map_or(0, |stats| match filter.status {
        None => stats.enrollment_count,
        Some(StatusFilter::Active) => stats.active_count,
        Some(StatusFilter::Completed) => stats.completed_count,
    });
    let results = page
        .items
        .iter()
        .filter_map(|enrollment| {
            // A course with students is never deleted, so none is left out here.
            let course = courses.get(&enrollment.course_id)?;
            let state = EnrollmentState::new(enrollment, enrollment.lessons_completed, course.lesson_count);
            Some(EnrollmentListItem { state, course: EnrolledCourse::new(course) })
        })
        .collect();
    let filters: &[_] = if name.is_empty() { &[] } else { &[("status", name)] };
    let path = format!("{BASE_PATH}/enrollments");
    Ok(Json(query.page(&platform, &list, &path, filters, count, results, page.next).await?))
}
