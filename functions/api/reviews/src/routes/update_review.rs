//! A student changes his review.

use axum::{Json, extract::State};
use domain::review::{COMMENT_MAX, Rating, TITLE_MAX};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn, fields::not_blank};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    Person, ReviewReply,
    review::{Changed, ReviewChanges},
};

use crate::{
    refusals::{review_not_found, too_many_edits},
    views::ReviewView,
};

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateReview {
    #[garde(skip)]
    rating: Option<Rating>,
    #[garde(length(chars, max = TITLE_MAX))]
    #[schema(example = "Good, with a weak end")]
    title: Option<String>,
    #[garde(length(chars, max = COMMENT_MAX), inner(custom(not_blank)))]
    #[schema(example = "The last part is too short.")]
    comment: Option<String>,
}

/// Changes the caller's own review. What it said before is kept.
#[utoipa::path(
    patch, path = "/courses/{id}/reviews/{review_id}", operation_id = "update_review", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    request_body = UpdateReview,
    responses((status = 200, description = "The review", body = ReviewView)),
)]
pub(crate) async fn update_review(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, id)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
    Body(new): Body<UpdateReview>,
) -> ApiResult<Json<ReviewView>> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let changes = ReviewChanges { rating: new.rating, title: new.title, comment: new.comment };
    let review = match store.reviews().change(course, id, caller.user_id, &changes, now).await? {
        Changed::Done(review) => review,
        Changed::NoReview => return Err(review_not_found()),
        Changed::TooOften => return Err(too_many_edits()),
    };
    let batch = store.batch().with::<ReviewReply>(ReviewReply::key_of(course, id));
    let found = batch.with_people([caller.user_id]).read().await?;
    // Nobody finds his own review helpful.
    Ok(Json(ReviewView::new(review, found.one::<Person>()?.as_ref(), found.one()?, false)))
}
