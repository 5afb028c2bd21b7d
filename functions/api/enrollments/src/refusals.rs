//! What the group refuses, and what to do about it.

use api_views::LessonLock;
use domain::{
    enrollment::{EnrollmentStatus, NotPossible},
    learning::Lacks,
};
use http_kit::ApiError;
use serde_json::json;
use store::entities::{Certificate, Enrollment};

/// There is no such enrolment of the caller.
pub(crate) fn not_found() -> ApiError {
    ApiError::not_found("ENROLLMENT_NOT_FOUND", "You have no such enrolment. GET /enrollments lists yours.")
}

/// There is no such enrolment, for an admin.
pub(crate) fn no_such_enrollment() -> ApiError {
    ApiError::not_found("ENROLLMENT_NOT_FOUND", "There is no such enrolment. Check its id.")
}

/// An admin can't change the enrolment so.
pub(crate) fn not_possible(reason: NotPossible) -> ApiError {
    match reason {
        NotPossible::HasEnded => {
            let message = "The enrolment has ended. Extend it to let its student in again.";
            ApiError::conflict("ENROLLMENT_ENDED", message)
        }
        NotPossible::NotInTheFuture => ApiError::invalid("expiry_date", "must be in the future"),
    }
}

/// The course of the enrolment has no such lesson.
pub(crate) fn lesson_not_found() -> ApiError {
    let message = "The course has no such lesson. GET /enrollments/{id} lists its lessons.";
    ApiError::not_found("LESSON_NOT_FOUND", message)
}

/// The enrolment does not let its student learn now.
pub(crate) fn no_access(enrollment: &Enrollment) -> ApiError {
    let message = match enrollment.status {
        EnrollmentStatus::Suspended => "Your place in the course is suspended. Write to support.",
        _ if enrollment.sources().is_plan_alone() => {
            "You took this course with a plan that has ended. Subscribe again, or buy the course."
        }
        _ => "Your time in the course is over. Enrol or buy it again.",
    };
    let details = json!({ "status": enrollment.status, "expiry_date": enrollment.expiry_date });
    ApiError::forbidden("ENROLLMENT_NOT_ACTIVE", message).with_details(details)
}

/// There is no certificate with this number.
pub(crate) fn no_such_certificate() -> ApiError {
    let message = "There is no certificate with this number. Compare it with the document: it has twelve digits and letters after LF. \
                   That of an account that was erased is gone.";
    ApiError::not_found("CERTIFICATE_NOT_FOUND", message)
}

/// The enrolment has no certificate yet.
pub(crate) fn certificate_not_ready(enrollment: &Enrollment) -> ApiError {
    let (message, reason) = match enrollment.completed_at {
        Some(_) => ("Your certificate is being made. Ask again in a minute.", "being_made"),
        None => {
            ("There is a certificate once you have completed all lessons of the course.", "not_completed")
        }
    };
    ApiError::conflict("CERTIFICATE_NOT_READY", message).with_details(json!({ "reason": reason }))
}

/// An admin has taken the certificate back.
pub(crate) fn certificate_revoked(certificate: &Certificate) -> ApiError {
    let message =
        "This certificate was taken back: details says when and why. Write to support if that is wrong.";
    let details = json!({ "revoked_at": certificate.revoked_at, "reason": certificate.revoked_reason });
    ApiError::conflict("CERTIFICATE_REVOKED", message).with_details(details)
}

/// The lesson is not open for the student yet.
pub(crate) fn locked(lock: LessonLock) -> ApiError {
    ApiError::forbidden("LESSON_LOCKED", lock.message()).with_details(json!(lock))
}

/// The rule of the lesson's kind is not met.
pub(crate) fn not_finished(lacks: Lacks) -> ApiError {
    let (message, details) = match lacks {
        Lacks::Watching { watched_percent } => (
            "Watch 90 % of the video first: details.watched_percent says how much of it counts.",
            json!({ "missing": "watching", "watched_percent": watched_percent, "needed_percent": 90 }),
        ),
        Lacks::Passing => ("Pass the quiz first.", json!({ "missing": "quiz" })),
        Lacks::Opening => (
            "Open the lesson first: PUT /enrollments/{id}/lessons/{lesson_id}/progress.",
            json!({ "missing": "opening" }),
        ),
        Lacks::Time { seconds_left } => (
            "Take your time with the lesson: try again after details.seconds_left.",
            json!({ "missing": "time", "seconds_left": seconds_left }),
        ),
    };
    ApiError::conflict("LESSON_NOT_FINISHED", message).with_details(details)
}
