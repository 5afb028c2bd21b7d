//! Anyone looks through the published courses.

use axum::{extract::State, response::Response};
use http_kit::{
    ApiError, ApiResult, Caching, Keep, NumberQuery, NumberedPage, Platform, Query, Visitor,
    openapi::BASE_PATH,
};
use search::{Answer, Page};
use serde::Serialize;

use crate::{
    facets::CourseFacets,
    filter::CourseFilter,
    index::Index,
    own,
    views::{CourseListItem, course_id},
};

/// A page of courses, and what the filters would give.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CoursePage {
    #[serde(flatten)]
    page: NumberedPage<CourseListItem>,
    facets: CourseFacets,
}

/// Published courses with filters, orderings and facets.
#[utoipa::path(
    get, path = "/courses", operation_id = "list_courses", tag = "courses", security(()),
    params(NumberQuery, CourseFilter),
    responses(
        (status = 200, description = "A page of courses", body = CoursePage),
        (status = 304, description = "The page is the one that the client has"),
    ),
)]
pub(crate) async fn list_courses(
    State(platform): State<Platform>,
    State(index): State<Index>,
    Visitor(caller): Visitor,
    caching: Caching,
    Query(query): Query<NumberQuery>,
    Query(filter): Query<CourseFilter>,
) -> ApiResult<Response> {
    let index = index.current().await?;
    let page = Page { offset: query.offset(), limit: query.page_size as usize };
    let request = filter.request(index.as_ref(), page)?;
    let Answer { count, hits, facets, .. } = match &index {
        Some(index) => index.snapshot().search(&request).map_err(ApiError::internal)?,
        None => Answer::default(),
    };
    let ids = hits.iter().map(|hit| course_id(&hit.document)).collect::<ApiResult<Vec<_>>>()?;
    let own = own::of_caller(&platform, caller, &ids).await?;
    let now = platform.ambient().now();
    let results = hits.into_iter().map(|hit| CourseListItem::new(hit.document, &own, now));
    let results = results.collect::<ApiResult<Vec<_>>>()?;

    let pairs = filter.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = query.page(&platform, &format!("{BASE_PATH}/courses"), &pairs, count, results);
    let body = CoursePage { page, facets: facets.into() };
    caching.json(Keep::Moment, &body)
}
