//! Readers say that a review is helpful.

use axum::{Json, extract::State};
use domain::review::may_vote;
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Course, EnrollmentGuard, Review};

use crate::{
    access::seen,
    refusals::{not_allowed, review_not_found},
};

/// What readers think of a review.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Helpfulness {
    /// How many found it helpful.
    #[schema(example = 235)]
    helpful_count: u32,
    /// Whether the caller is one of them.
    found_helpful: bool,
}

/// Says that a review of somebody else is helpful. Saying it again changes nothing.
#[utoipa::path(
    post, path = "/courses/{id}/reviews/{review_id}/helpful", operation_id = "vote_for_review", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    responses((status = 200, description = "What readers think of it", body = Helpfulness)),
)]
pub(crate) async fn vote_for_review(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, id)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
) -> ApiResult<Json<Helpfulness>> {
    let review = read(&platform, course, id, caller.user_id).await?;
    may_vote(review.user_id, caller.user_id).map_err(not_allowed)?;
    let now = platform.ambient().now();
    let voted = platform.store().reviews().vote(course, id, caller.user_id, now).await?;
    answer(voted, true)
}

/// Takes back that a review is helpful, if the caller has said so.
#[utoipa::path(
    delete, path = "/courses/{id}/reviews/{review_id}/helpful", operation_id = "take_back_vote", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    responses((status = 200, description = "What readers think of it", body = Helpfulness)),
)]
pub(crate) async fn take_back_vote(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, id)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
) -> ApiResult<Json<Helpfulness>> {
    read(&platform, course, id, caller.user_id).await?;
    answer(platform.store().reviews().unvote(course, id, caller.user_id).await?, false)
}

/// The review, for who may see its course: one batch over two tables.
async fn read(
    platform: &Platform,
    course: Id<kinds::Course>,
    id: Id<kinds::Review>,
    caller: Id<kinds::User>,
) -> ApiResult<Review> {
    let batch = platform
        .store()
        .batch()
        .with::<Course>(Course::key_of(course))
        .with::<EnrollmentGuard>(EnrollmentGuard::key_of(caller, course))
        .with::<Review>(Review::key_of(course, id));
    let found = batch.read().await?;
    seen(found.one()?, Some(caller), found.one()?.as_ref())?;
    found.one()?.ok_or_else(review_not_found)
}

fn answer(review: Option<Review>, found_helpful: bool) -> ApiResult<Json<Helpfulness>> {
    let review = review.ok_or_else(review_not_found)?;
    Ok(Json(Helpfulness { helpful_count: review.helpful_count, found_helpful }))
}
