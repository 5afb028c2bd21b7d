//! A student deletes his review, or an admin somebody's.

use axum::{extract::State, response::Response};
use domain::{admin::AdminActionKind, identity::Role};
use http_kit::{ApiError, ApiResult, Client, Params, Platform, Principal, SignedIn, no_content};
use kernel::{Id, id::kinds};
use store::entities::{AdminAction, Review, review::Removed};

use crate::refusals::review_not_found;

/// Deletes the caller's own review, for an admin anybody's. The course's rating follows at once.
#[utoipa::path(
    delete, path = "/courses/{id}/reviews/{review_id}", operation_id = "delete_review", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete_review(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    client: Client,
    Params((course, id)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
) -> ApiResult<Response> {
    let reviews = platform.store().reviews();
    let review = reviews.get(course, id).await?.ok_or_else(review_not_found)?;
    let action = if review.user_id == caller.user_id {
        None
    } else if caller.role == Role::Admin {
        // What admins may, no API key may.
        caller.session_id()?;
        Some(log(&platform, caller, client, &review))
    } else {
        return Err(review_not_found());
    };
    match reviews.remove(review, action.as_ref()).await? {
        Removed::Done => Ok(no_content()),
        Removed::Gone => Err(review_not_found()),
        Removed::NotAdmin => Err(ApiError::admins_only()),
    }
}

/// The line in the log of the admins. It names the review; what it said goes.
fn log(platform: &Platform, admin: Principal, client: Client, review: &Review) -> AdminAction {
    let kind = AdminActionKind::ReviewDeleted;
    AdminAction::now(platform.ambient(), admin.user_id, &client.ip_address, kind)
        .to_account(review.user_id)
        .with("course_id", review.course_id)
        .with("review_id", review.id)
}
