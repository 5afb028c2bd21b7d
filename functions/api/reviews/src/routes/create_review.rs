//! A student reviews a course.

use axum::{extract::State, response::Response};
use domain::review::{COMMENT_MAX, NotAllowed, Rating, TITLE_MAX, may_review};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Params, Platform, SignedIn, fields::not_blank};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Course, Enrollment, EnrollmentGuard, Person, Review, review::Reviewed};

use crate::{
    access::seen,
    refusals::{already_reviewed, course_not_found, not_allowed},
    views::ReviewView,
};

/// A new review.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateReview {
    #[garde(skip)]
    rating: Rating,
    #[serde(default)]
    #[garde(length(chars, max = TITLE_MAX))]
    #[schema(example = "Amazing course")]
    title: String,
    #[garde(length(chars, max = COMMENT_MAX), custom(not_blank))]
    #[schema(example = "The instructor explains everything clearly")]
    comment: String,
}

/// Reviews a course in which the caller is enrolled: one review of a course.
#[utoipa::path(
    post, path = "/courses/{id}/reviews", operation_id = "create_review", tag = "reviews",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer"),
    ),
    request_body = CreateReview,
    responses((status = 201, description = "The review", body = ReviewView)),
)]
pub(crate) async fn create_review(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    key: IdempotencyKey,
    Params(course): Params<Id<kinds::Course>>,
    Body(new): Body<CreateReview>,
) -> ApiResult<Response> {
    let request = (course, &new);
    key.run(&platform, caller.user_id, "create_review", &request, async |attempt| {
        // The review has the attempt's id, so that an attempt after a crash finds what the first one wrote.
        let id = Id::from_uuid(attempt.uuid());
        Ok((StatusCode::CREATED, review(&platform, caller.user_id, course, id, &new).await?))
    })
    .await
}

async fn review(
    platform: &Platform,
    user_id: Id<kinds::User>,
    course_id: Id<kinds::Course>,
    id: Id<kinds::Review>,
    new: &CreateReview,
) -> ApiResult<ReviewView> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let batch = store
        .batch()
        .with::<Course>(Course::key_of(course_id))
        .with::<EnrollmentGuard>(EnrollmentGuard::key_of(user_id, course_id))
        .with_people([user_id]);
    let found = batch.read().await?;
    let guard: Option<EnrollmentGuard> = found.one()?;
    let course = seen(found.one()?, Some(user_id), guard.as_ref())?;
    let enrollment = match guard {
        Some(guard) => store.enrollments().get(user_id, guard.enrollment_id).await?,
        None => None,
    };
    let state = |enrollment: &Enrollment| (enrollment.status, enrollment.expiry_date);
    may_review(course.instructor_id, user_id, enrollment.as_ref().map(state), now).map_err(not_allowed)?;
    let enrollment = enrollment.ok_or_else(|| ApiError::internal("a review without an enrolment"))?;

    let review = Review {
        id,
        course_id,
        user_id,
        instructor_id: course.instructor_id,
        rating: new.rating,
        title: new.title.clone(),
        comment: new.comment.clone(),
        helpful_count: 0,
        edits: 0,
        created_at: now,
        edited_at: None,
    };
    match store.reviews().create(&review, enrollment.id).await? {
        Reviewed::Made(review) => {
            let author: Option<Person> = found.one()?;
            Ok(ReviewView::new(review, author.as_ref(), None, false))
        }
        Reviewed::Already(id) => Err(already_reviewed(id)),
        Reviewed::NotEnrolled => Err(not_allowed(NotAllowed::NotEnrolled)),
        Reviewed::NoCourse => Err(course_not_found()),
    }
}
