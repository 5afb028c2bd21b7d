//! Anyone looks through the published courses.

use std::collections::{HashMap, HashSet};

use axum::{Json, extract::State};
use http_kit::{ApiResult, NumberedPage, PageQuery, Platform, Query, Visitor, openapi::BASE_PATH};
use store::entities::{CatalogStats, EnrollmentGuard, Person};

use crate::views::CourseListItem;

/// What a cursor of this list is signed for.
const LIST: &str = "courses";

/// Published courses, the newest first.
#[utoipa::path(
    get, path = "/courses", operation_id = "list_courses", tag = "courses", security(()),
    params(PageQuery),
    responses((status = 200, description = "A page of courses", body = NumberedPage<CourseListItem>)),
)]
pub(crate) async fn list_courses(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<NumberedPage<CourseListItem>>> {
    let store = platform.store();
    let start = query.start(&platform, LIST).await?;
    let page = store.courses().published(start, query.skip(), query.page_size).await?;

    // One batch over three tables: the teachers' names, the count of all courses, and which of these the caller has.
    let guards = caller.map(|caller| {
        page.items.iter().map(move |course| EnrollmentGuard::key_of(caller.user_id, course.id))
    });
    let found = store
        .batch()
        .with_people(page.items.iter().map(|course| course.instructor_id))
        .with::<CatalogStats>(CatalogStats::key_of())
        .with_all::<EnrollmentGuard>(guards.into_iter().flatten())
        .read()
        .await?;
    let teachers: HashMap<_, _> =
        found.all::<Person>()?.into_iter().map(|person| (person.id, person)).collect();
    let enrolled: HashSet<_> =
        found.all::<EnrollmentGuard>()?.into_iter().map(|guard| guard.course_id).collect();
    let count = found.one::<CatalogStats>()?.unwrap_or_default().published_count;

    let results = page
        .items
        .into_iter()
        .map(|course| {
            let (teacher, enrolled) = (teachers.get(&course.instructor_id), enrolled.contains(&course.id));
            CourseListItem::new(course, teacher, enrolled)
        })
        .collect();
    let path = format!("{BASE_PATH}/courses");
    Ok(Json(query.page(&platform, LIST, &path, &[], count, results, page.next).await?))
}
