//! What is searched for often.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use garde::Validate;
use http_kit::{ApiResult, Caching, Keep, Platform, Query};
use kernel::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

/// How long an instance remembers the list.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);
/// Searches in the list.
const MOST: usize = 50;

/// Searched texts and how often.
type Searched = Vec<(String, u64)>;

/// The list that this instance has read, and when.
#[derive(Clone, Default)]
pub struct Popular(Arc<Mutex<Option<(Timestamp, Searched)>>>);

impl Popular {
    /// The list; read anew after [`REMEMBERED`], by one request for all.
    async fn list(&self, platform: &Platform) -> ApiResult<Searched> {
        let now = platform.ambient().now();
        let mut remembered = self.0.lock().await;
        if let Some((at, list)) = remembered.as_ref()
            && now.duration_since(*at) < REMEMBERED
        {
            return Ok(list.clone());
        }
        let list = platform.store().searches().popular(now, MOST).await?;
        *remembered = Some((now, list.clone()));
        Ok(list)
    }
}

const fn default_limit() -> usize {
    10
}

/// How much of the list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Limit {
    /// Searches at most.
    #[serde(default = "default_limit")]
    #[garde(range(min = 1, max = MOST))]
    #[param(minimum = 1, maximum = 50, default = 10, example = 10)]
    limit: usize,
}

/// Something that is searched for often.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PopularItem {
    #[schema(example = "web development")]
    query: String,
    /// Searches of the last seven days.
    #[schema(example = 234)]
    weekly_count: u64,
}

/// What is searched for often.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PopularList {
    /// The most frequent first.
    results: Vec<PopularItem>,
}

/// What was searched for most in the last seven days.
#[utoipa::path(
    get, path = "/search/popular", operation_id = "list_popular_searches", tag = "search", security(()),
    params(Limit),
    responses(
        (status = 200, description = "Popular searches", body = PopularList),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_popular_searches(
    State(platform): State<Platform>,
    State(popular): State<Popular>,
    caching: Caching,
    Query(Limit { limit }): Query<Limit>,
) -> ApiResult<Response> {
    let list = popular.list(&platform).await?.into_iter().take(limit);
    let results = list.map(|(query, weekly_count)| PopularItem { query, weekly_count }).collect();
    caching.json(Keep::Minutes, &PopularList { results })
}
