//! Who wrote a review, or an admin, looks at what it said before.

use axum::{Json, extract::State};
use domain::{identity::Role, review::Rating};
use http_kit::{ApiResult, CursorPage, Params, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::ReviewEdit;

use crate::refusals::review_not_found;

/// What a review said before a change.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReviewVersion {
    /// Which change replaced it, from 1.
    #[schema(example = 1)]
    number: u32,
    rating: Rating,
    #[schema(example = "Amazing course")]
    title: String,
    #[schema(example = "The instructor explains everything clearly")]
    comment: String,
    written_at: Timestamp,
    replaced_at: Timestamp,
}

impl From<ReviewEdit> for ReviewVersion {
    fn from(edit: ReviewEdit) -> Self {
        Self {
            number: edit.number,
            rating: edit.rating,
            title: edit.title,
            comment: edit.comment,
            written_at: edit.written_at,
            replaced_at: edit.replaced_at,
        }
    }
}

/// What the caller's own review said before each of its changes, for an admin anybody's: the oldest first, at most 20, all in one page.
#[utoipa::path(
    get, path = "/courses/{id}/reviews/{review_id}/edits", operation_id = "list_review_edits", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    responses((status = 200, description = "What it said before", body = CursorPage<ReviewVersion>)),
)]
pub(crate) async fn list_review_edits(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, id)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
) -> ApiResult<Json<CursorPage<ReviewVersion>>> {
    let reviews = platform.store().reviews();
    let review = reviews.get(course, id).await?.ok_or_else(review_not_found)?;
    if review.user_id != caller.user_id {
        if caller.role != Role::Admin {
            return Err(review_not_found());
        }
        // What admins may, no API key may.
        caller.session_id()?;
    }
    let results = reviews.edits_of(id).await?.into_iter().map(ReviewVersion::from).collect();
    Ok(Json(CursorPage { next: None, results }))
}
