//! A student enrols in a free course.

use axum::{extract::State, response::Response};
use domain::{
    course::{CourseStatus, Price},
    enrollment::EnrollmentStatus,
};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, IdempotencyKey, Params, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use serde_json::json;
use store::entities::{Course, Enrollment, Person, enrollment::Enrolled};

/// A new enrolment.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NewEnrollment {
    id: Id<kinds::Enrollment>,
    course_id: Id<kinds::Course>,
    enrolled_at: Timestamp,
    progress_percent: u32,
    is_completed: bool,
}

/// Enrols the caller in a free course.
#[utoipa::path(
    post, path = "/courses/{id}/enroll", operation_id = "enroll_in_course", tag = "enrollments",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer"),
    ),
    responses((status = 201, description = "The enrolment", body = NewEnrollment)),
)]
pub(crate) async fn enroll_in_course(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    key: IdempotencyKey,
    Params(course): Params<Id<kinds::Course>>,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "enroll_in_course", &course, async |attempt| {
        // The enrolment has the attempt's id, so that an attempt after a crash makes this enrolment and no other.
        let id = Id::from_uuid(attempt.uuid());
        let made = enroll(&platform, caller.user_id, course, id).await?;
        let body = NewEnrollment {
            id: made.id,
            course_id: made.course_id,
            enrolled_at: made.enrolled_at,
            progress_percent: 0,
            is_completed: false,
        };
        Ok((StatusCode::CREATED, body))
    })
    .await
}

async fn enroll(
    platform: &Platform,
    user_id: Id<kinds::User>,
    course_id: Id<kinds::Course>,
    id: Id<kinds::Enrollment>,
) -> ApiResult<Enrollment> {
    let store = platform.store();
    let found = store.batch().with::<Course>(Course::key_of(course_id)).with_people([user_id]).read().await?;
    let instructor_id = may_enroll(found.one()?, user_id)?;
    let student: Option<Person> = found.one()?;
    let now = platform.ambient().now();
    let enrollment = Enrollment {
        id,
        user_id,
        course_id,
        instructor_id: Some(instructor_id),
        status: EnrollmentStatus::Active,
        student_name: student.ok_or_else(|| ApiError::internal("a session without a user"))?.full_name(),
        lessons_completed: 0,
        expiry_date: None,
        completed_at: None,
        enrolled_at: now,
        updated_at: now,
    };
    match store.enrollments().enroll_free(&enrollment).await? {
        Enrolled::Made(enrollment) => Ok(enrollment),
        Enrolled::Already(id) => {
            let message =
                "You are enrolled in this course already. GET /enrollments/{id} shows how far you are.";
            Err(ApiError::conflict("ALREADY_ENROLLED", message).with_details(json!({ "enrollment_id": id })))
        }
        Enrolled::CourseChanged => Err(ApiError::conflict(
            "COURSE_CHANGED",
            "The course has just changed. Look at it again, then try again.",
        )),
    }
}

/// Who teaches the course, where it takes this student without a payment. The transaction demands the latter again.
fn may_enroll(course: Option<Course>, user: Id<kinds::User>) -> ApiResult<Id<kinds::User>> {
    let course = course.filter(|course| course.deleted_at.is_none());
    let own = course.as_ref().is_some_and(|course| course.instructor_id == user);
    let Some(course) = course.filter(|course| own || course.status == CourseStatus::Published) else {
        return Err(ApiError::not_found("COURSE_NOT_FOUND", "There is no such course. Check its id."));
    };
    if own {
        let message = "This is your own course. You see all of it without an enrolment.";
        return Err(ApiError::conflict("OWN_COURSE", message));
    }
    if course.price() != Some(Price::FREE) {
        let message = "This course is not free. Buy it to be enrolled.";
        let details = json!({ "price": course.price(), "currency": course.currency });
        return Err(
            ApiError::new(StatusCode::PAYMENT_REQUIRED, "PAYMENT_REQUIRED", message).with_details(details)
        );
    }
    Ok(course.instructor_id)
}
