//! What somebody who types may mean.

use axum::{extract::State, response::Response};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Caching, Keep, Query};
use search::html;
use serde::{Deserialize, Serialize};

use crate::{filter::TEXT_MAX, index::Index, routes::search::SearchKind};

const fn default_limit() -> u8 {
    8
}

/// What is typed so far.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Typed {
    /// The text.
    #[garde(length(chars, max = TEXT_MAX))]
    #[param(max_length = 200, example = "web dev")]
    q: String,
    /// Suggestions at most.
    #[serde(default = "default_limit")]
    #[garde(range(min = 1, max = 20))]
    #[param(minimum = 1, maximum = 20, default = 8, example = 8)]
    limit: u8,
}

/// Something that may be meant.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SuggestedItem {
    #[schema(inline)]
    kind: SearchKind,
    #[schema(example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10")]
    id: String,
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: String,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    /// The title as HTML in which everything is escaped but `<mark>` around what matches.
    #[schema(example = "Complete <mark>Web</mark> <mark>Development</mark> Bootcamp 2026")]
    highlighted: String,
}

/// Suggestions.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SuggestionList {
    /// The most popular first.
    results: Vec<SuggestedItem>,
}

/// Titles and names that go on as typed.
#[utoipa::path(
    get, path = "/search/suggest", operation_id = "suggest", tag = "search", security(()),
    params(Typed),
    responses(
        (status = 200, description = "What may be meant", body = SuggestionList),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn suggest(
    State(index): State<Index>,
    caching: Caching,
    Query(typed): Query<Typed>,
) -> ApiResult<Response> {
    let found = match index.current().await? {
        Some(index) => index
            .snapshot()
            .suggest(&typed.q, &search::Kind::ALL, usize::from(typed.limit))
            .map_err(ApiError::internal)?,
        None => Vec::new(),
    };
    let results = found
        .into_iter()
        .map(|one| SuggestedItem {
            kind: one.kind.into(),
            id: one.id,
            slug: one.slug,
            highlighted: html(&one.title, &one.highlights),
            title: one.title,
        })
        .collect();
    caching.json(Keep::Moment, &SuggestionList { results })
}
