//! What a learner could learn next: courses like those that he took last, and what is popular. Both come from the index alone.

use std::collections::{HashMap, HashSet};

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Platform, Principal, Query, SignedIn};
use kernel::{Id, id::kinds};
use search::{Document, Filter, Hit, Kind, Ordering, Page, Request};
use serde::{Deserialize, Serialize};

use crate::{
    index::{Generation, Index},
    own::{self, Own},
    views::{CourseListItem, course_id},
};

/// Enrolments that are looked at, the newest first.
const ENROLLMENTS: u32 = 100;
/// Courses among them that others are compared with.
const COMPARED: usize = 5;
/// Courses that are found for each of them.
const RELATED: usize = 20;
/// Courses whose enrolments, wishes and places in the cart are asked for: one batch of at most a hundred keys ([`own::of_caller`]).
const LOOKED_AT: usize = 49;

const fn default_limit() -> usize {
    8
}

/// How many.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecommendationLimit {
    /// Courses at most.
    #[serde(default = "default_limit")]
    #[garde(range(min = 1, max = 20))]
    #[param(minimum = 1, maximum = 20, default = 8, example = 8)]
    limit: usize,
}

/// Courses that the caller could take next.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Recommendations {
    /// The best guess first.
    results: Vec<CourseListItem>,
}

/// Courses that the caller was never enrolled in and does not teach: those that share tags, the instructor and the category with what he took
/// last, filled up with the most popular ones (seed 001 §4.8).
#[utoipa::path(
    get, path = "/dashboard/recommendations", operation_id = "list_recommendations", tag = "dashboard",
    params(RecommendationLimit),
    responses((status = 200, description = "Courses", body = Recommendations)),
)]
pub(crate) async fn list_recommendations(
    State(platform): State<Platform>,
    State(index): State<Index>,
    SignedIn(caller): SignedIn,
    Query(RecommendationLimit { limit }): Query<RecommendationLimit>,
) -> ApiResult<Json<Recommendations>> {
    let Some(index) = index.current().await? else {
        return Ok(Json(Recommendations { results: Vec::new() }));
    };
    let enrollments = platform.store().enrollments();
    let taken = enrollments.of_user(caller.user_id, None, None, 0, ENROLLMENTS).await?.items;
    let taken: Vec<_> = taken.into_iter().map(|enrollment| enrollment.course_id).collect();
    let mut candidates = candidates(&index, &taken, caller).map_err(ApiError::internal)?;
    candidates.truncate(LOOKED_AT);
    let ids = candidates.iter().map(course_id).collect::<ApiResult<Vec<_>>>()?;
    let own = own::of_caller(&platform, Some(caller), &ids).await?;
    let now = platform.ambient().now();
    let results = candidates.into_iter().filter(|document| is_new_to_him(document, &own));
    let results = results.take(limit).map(|document| CourseListItem::new(document, &own, now));
    Ok(Json(Recommendations { results: results.collect::<ApiResult<_>>()? }))
}

/// Whether he was never enrolled in it; one that he took before a hundred others is found out by its guard only.
fn is_new_to_him(document: &Document, own: &Own) -> bool {
    course_id(document).is_ok_and(|id| !own.taken.contains(&id))
}

/// What could be recommended, the best guess first, without what he has taken and what he teaches.
fn candidates(
    index: &Generation,
    taken: &[Id<kinds::Course>],
    caller: Principal,
) -> Result<Vec<Document>, search::Error> {
    let mut lists = Vec::new();
    for course in taken.iter().take(COMPARED) {
        if let Some(document) = index.snapshot().get(Kind::Course, &course.to_string())? {
            lists.push(index.snapshot().related(&document, RELATED)?);
        }
    }
    let page = Page { offset: 0, limit: LOOKED_AT + taken.len() };
    let filter = Filter::kind(Kind::Course);
    let request = Request { filter, ordering: Ordering::Popular, page, ..Request::default() };
    let popular = index.snapshot().search(&request)?.hits;
    let mut seen: HashSet<String> = taken.iter().map(ToString::to_string).collect();
    let teaches = |document: &Document| {
        document.instructor.as_ref().is_some_and(|teacher| teacher.id == caller.user_id.to_string())
    };
    let all = merged(lists).into_iter().chain(popular.into_iter().map(|hit| hit.document));
    Ok(all.filter(|document| !teaches(document) && seen.insert(document.id.clone())).collect())
}

/// One list of several: each course gets the sum of its scores, those of a list as parts of its best one, so that each course that he took
/// counts alike. Equal ones stay in the order in which they were found.
fn merged(lists: Vec<Vec<Hit>>) -> Vec<Document> {
    let mut order: Vec<(f32, Document)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for list in lists {
        let best = list.iter().map(|hit| hit.score).fold(0.0, f32::max);
        for hit in list {
            let score = if best > 0.0 { hit.score / best } else { 0.0 };
            let place = *places.entry(hit.document.id.clone()).or_insert(order.len());
            match order.get_mut(place) {
                Some((sum, _)) => *sum += score,
                None => order.push((score, hit.document)),
            }
        }
    }
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    order.into_iter().map(|(_, document)| document).collect()
}
