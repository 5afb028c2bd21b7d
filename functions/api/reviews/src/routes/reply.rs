//! The teacher of a course answers a review.

use axum::{Json, extract::State, response::Response};
use domain::review::REPLY_MAX;
use garde::Validate;
use http::StatusCode;
use http_kit::{
    ApiError, ApiResult, Body, Instructor, Params, Platform, Principal, fields::not_blank, no_content,
};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{ReviewReply, review::Replied};

use crate::{
    access::taught,
    refusals::{reply_not_found, review_not_found},
    views::ReplyView,
};

/// A reply.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteReply {
    #[garde(length(chars, max = REPLY_MAX), custom(not_blank))]
    #[schema(example = "Thank you! The next part comes in May.")]
    comment: String,
}

/// Answers a review of a course that the caller teaches.
#[utoipa::path(
    post, path = "/courses/{id}/reviews/{review_id}/reply", operation_id = "create_reply", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    request_body = WriteReply,
    responses((status = 201, description = "The reply", body = ReplyView)),
)]
pub(crate) async fn create_reply(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course_id, review_id)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
    Body(new): Body<WriteReply>,
) -> ApiResult<(StatusCode, Json<ReplyView>)> {
    demand_teacher(&platform, caller, course_id).await?;
    let created_at = platform.ambient().now();
    let reply = ReviewReply { review_id, course_id, comment: new.comment, created_at, edited_at: None };
    match platform.store().reviews().reply(&reply).await? {
        Replied::Done => Ok((StatusCode::CREATED, Json(reply.into()))),
        Replied::NoReview => Err(review_not_found()),
        Replied::Already => {
            let message = "You have replied to this review already. PATCH changes the reply.";
            Err(ApiError::conflict("REPLY_EXISTS", message))
        }
    }
}

/// Changes the caller's reply.
#[utoipa::path(
    patch, path = "/courses/{id}/reviews/{review_id}/reply", operation_id = "update_reply", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    request_body = WriteReply,
    responses((status = 200, description = "The reply", body = ReplyView)),
)]
pub(crate) async fn update_reply(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, review)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
    Body(new): Body<WriteReply>,
) -> ApiResult<Json<ReplyView>> {
    demand_teacher(&platform, caller, course).await?;
    let now = platform.ambient().now();
    let reply = platform.store().reviews().change_reply(course, review, &new.comment, now).await?;
    reply.map(|reply| Json(reply.into())).ok_or_else(reply_not_found)
}

/// Removes the caller's reply.
#[utoipa::path(
    delete, path = "/courses/{id}/reviews/{review_id}/reply", operation_id = "delete_reply", tag = "reviews",
    params(("id" = Id<kinds::Course>, Path), ("review_id" = Id<kinds::Review>, Path)),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete_reply(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, review)): Params<(Id<kinds::Course>, Id<kinds::Review>)>,
) -> ApiResult<Response> {
    demand_teacher(&platform, caller, course).await?;
    match platform.store().reviews().remove_reply(course, review).await? {
        true => Ok(no_content()),
        false => Err(reply_not_found()),
    }
}

/// Refuses who does not teach the course. One read.
async fn demand_teacher(platform: &Platform, caller: Principal, course: Id<kinds::Course>) -> ApiResult<()> {
    taught(platform.store().courses().get(course).await?, caller.user_id).map(|_| ())
}
