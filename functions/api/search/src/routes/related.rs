//! Courses like a course.

use axum::{extract::State, response::Response};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Caching, Keep, Params, Platform, Principal, Query, Visitor};
use kernel::{Id, id::kinds};
use search::{Document, Kind};
use serde::{Deserialize, Serialize};

use crate::{
    index::{Generation, Index},
    own,
    views::{CourseListItem, course_id},
};

const fn default_limit() -> usize {
    8
}

/// How many.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RelatedLimit {
    /// Courses at most.
    #[serde(default = "default_limit")]
    #[garde(range(min = 1, max = 20))]
    #[param(minimum = 1, maximum = 20, default = 8, example = 8)]
    limit: usize,
}

/// Courses like a course.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RelatedCourses {
    /// The closest first.
    results: Vec<CourseListItem>,
}

/// What a handler needs to answer.
struct Asked {
    platform: Platform,
    index: Index,
    caller: Option<Principal>,
    caching: Caching,
    limit: usize,
}

/// Courses that share tags, the instructor and the category with a course, filled up with the most popular ones of its category.
#[utoipa::path(
    get, path = "/courses/{course}/related", operation_id = "list_related_courses", tag = "courses", security(()),
    params(
        ("course" = String, Path, description = "Identifier or slug", example = "complete-web-development"),
        RelatedLimit,
    ),
    responses(
        (status = 200, description = "Related courses", body = RelatedCourses),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_related_courses(
    State(platform): State<Platform>,
    State(index): State<Index>,
    Visitor(caller): Visitor,
    caching: Caching,
    Params(course): Params<String>,
    Query(RelatedLimit { limit }): Query<RelatedLimit>,
) -> ApiResult<Response> {
    respond(&course, Asked { platform, index, caller, caching, limit }).await
}

/// The same as `GET /courses/{course}/related`, under the path of seed 001.
#[utoipa::path(
    get, path = "/courses/related/{course}", operation_id = "list_related_courses_of", tag = "courses", security(()),
    params(
        ("course" = String, Path, description = "Identifier or slug", example = "complete-web-development"),
        RelatedLimit,
    ),
    responses(
        (status = 200, description = "Related courses", body = RelatedCourses),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_related_courses_of(
    State(platform): State<Platform>,
    State(index): State<Index>,
    Visitor(caller): Visitor,
    caching: Caching,
    Params(course): Params<String>,
    Query(RelatedLimit { limit }): Query<RelatedLimit>,
) -> ApiResult<Response> {
    respond(&course, Asked { platform, index, caller, caching, limit }).await
}

async fn respond(course: &str, asked: Asked) -> ApiResult<Response> {
    let Asked { platform, index, caller, caching, limit } = asked;
    let index = index.current().await?;
    let document = find(&platform, index.as_ref(), course).await?;
    let (index, document) = index.zip(document).ok_or_else(|| {
        ApiError::not_found(
            "COURSE_NOT_FOUND",
            "There is no such course. GET /api/v1/courses lists all of them.",
        )
    })?;
    let related = index.snapshot().related(&document, limit).map_err(ApiError::internal)?;
    let ids = related.iter().map(|hit| course_id(&hit.document)).collect::<ApiResult<Vec<_>>>()?;
    let own = own::of_caller(&platform, caller, &ids).await?;
    let now = platform.ambient().now();
    let results = related.into_iter().map(|hit| CourseListItem::new(hit.document, &own, now));
    let body = RelatedCourses { results: results.collect::<ApiResult<_>>()? };
    caching.json(Keep::Moment, &body)
}

/// The document of a course: by its id without a read, by its slug with one.
async fn find(platform: &Platform, index: Option<&Generation>, course: &str) -> ApiResult<Option<Document>> {
    let Some(index) = index else { return Ok(None) };
    let id: Option<Id<kinds::Course>> = match course.parse() {
        Ok(id) => Some(id),
        Err(_) => platform.store().courses().id_of_slug(course).await?,
    };
    let Some(id) = id else { return Ok(None) };
    index.snapshot().get(Kind::Course, &id.to_string()).map_err(ApiError::internal)
}
