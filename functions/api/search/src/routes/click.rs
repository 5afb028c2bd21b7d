//! Somebody chooses one of the results of a search.

use axum::{extract::State, response::Response};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Platform, Visitor, no_content};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::search_query::{Click, Clicked};

use crate::routes::search::SearchKind;

/// What was chosen.
#[derive(Debug, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultClick {
    /// The search, as `GET /search` named it.
    #[garde(skip)]
    query_id: Id<kinds::Search>,
    #[garde(skip)]
    #[schema(inline)]
    kind: SearchKind,
    /// What was chosen.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10")]
    id: String,
    /// Its place among the results of its kind, from 1.
    #[garde(range(min = 1, max = 10_000))]
    #[schema(minimum = 1, maximum = 10_000, example = 3)]
    position: u32,
}

/// Notes which result was chosen: the first one of a search counts.
#[utoipa::path(
    post, path = "/search/click", operation_id = "click_result", tag = "search", security(()),
    request_body = ResultClick,
    responses((status = 204, description = "It is noted, or one was noted before")),
)]
pub(crate) async fn click_result(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    Body(body): Body<ResultClick>,
) -> ApiResult<Response> {
    let click = Click {
        search: body.query_id,
        user: caller.map(|caller| caller.user_id),
        kind: body.kind.kind().name().to_owned(),
        id: body.id,
        position: body.position,
    };
    match platform.store().searches().click(&click).await? {
        Clicked::Noted | Clicked::Before => Ok(no_content()),
        Clicked::Unknown => {
            let message =
                "There is no such search of yours. Take query_id from the answer of GET /api/v1/search.";
            Err(ApiError::not_found("SEARCH_NOT_FOUND", message))
        }
    }
}
