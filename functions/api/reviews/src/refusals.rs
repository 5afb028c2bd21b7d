//! What the rules of reviews answer.

use domain::review::{EDITS_MAX, NotAllowed};
use http_kit::ApiError;
use kernel::{Id, id::kinds};
use serde_json::json;

/// There is no such course, or not for this caller.
pub(crate) fn course_not_found() -> ApiError {
    ApiError::not_found("COURSE_NOT_FOUND", "There is no such course. Check its id.")
}

/// There is no such review, or not one of the caller's.
pub(crate) fn review_not_found() -> ApiError {
    ApiError::not_found(
        "REVIEW_NOT_FOUND",
        "There is no such review for you. GET /courses/{id}/reviews lists the course's.",
    )
}

/// The teacher has not answered the review.
pub(crate) fn reply_not_found() -> ApiError {
    ApiError::not_found("REPLY_NOT_FOUND", "The review has no reply. POST writes one.")
}

/// The caller's other review of the course.
pub(crate) fn already_reviewed(id: Id<kinds::Review>) -> ApiError {
    let message = "You have reviewed this course already. Change that review: details has its id.";
    ApiError::conflict("ALREADY_REVIEWED", message).with_details(json!({ "review_id": id }))
}

/// The review was changed as often as it may be.
pub(crate) fn too_many_edits() -> ApiError {
    ApiError::conflict(
        "TOO_MANY_EDITS",
        format!("A review is changed at most {EDITS_MAX} times. Delete it and write another one."),
    )
}

/// A rule of the domain forbids it.
pub(crate) fn not_allowed(reason: NotAllowed) -> ApiError {
    match reason {
        NotAllowed::OwnCourse => ApiError::conflict(
            "OWN_COURSE",
            "This is your own course. Its students review it; you may reply to them.",
        ),
        NotAllowed::NotEnrolled => ApiError::forbidden(
            "ENROLLMENT_REQUIRED",
            "Only who is enrolled in the course reviews it. Enrol first: POST /courses/{id}/enroll.",
        ),
        NotAllowed::OwnReview => {
            ApiError::conflict("OWN_REVIEW", "This is your own review. Others say whether it is helpful.")
        }
    }
}
