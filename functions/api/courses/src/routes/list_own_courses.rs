//! An instructor looks at his courses.

use axum::{Json, extract::State};
use http_kit::{ApiResult, CursorPage, CursorQuery, Instructor, Platform, Query, openapi::BASE_PATH};

use crate::views::CourseView;

/// The caller's courses, drafts included, the newest first. A course is there as soon as its creation was answered.
#[utoipa::path(
    get, path = "/instructor/courses", operation_id = "list_own_courses", tag = "courses",
    params(CursorQuery),
    responses((status = 200, description = "A page of courses", body = CursorPage<CourseView>)),
)]
pub(crate) async fn list_own_courses(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Query(query): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<CourseView>>> {
    let list = format!("instructor-courses#{}", caller.user_id);
    let start = query.start(&platform, &list).await?;
    let page = platform.store().courses().taught_by(caller.user_id, start, query.page_size).await?;
    let results = page.items.into_iter().map(CourseView::from).collect();
    let path = format!("{BASE_PATH}/instructor/courses");
    Ok(Json(query.page(&platform, &list, &path, &[], results, page.next).await?))
}
