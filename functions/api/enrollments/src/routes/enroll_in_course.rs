//! A student enrols in a course that costs him nothing: it is free, or his plan covers it.

use axum::{extract::State, response::Response};
use domain::{
    commerce::{Source, SourceKey, Sources},
    course::{CourseStatus, Price, progress_percent},
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

/// Enrols the caller in a free course, or in one that is part of plans, while he has a plan that covers such courses. What a plan gave goes
/// with it, and comes back with the next one; what was bought stays.
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
        let (made, lessons) = enroll(&platform, caller.user_id, course, id).await?;
        let body = NewEnrollment {
            id: made.id,
            course_id: made.course_id,
            enrolled_at: made.enrolled_at,
            progress_percent: progress_percent(made.lessons_completed, lessons),
            is_completed: made.completed_at.is_some(),
        };
        Ok((StatusCode::CREATED, body))
    })
    .await
}

/// The enrolment, and how many lessons its course has.
async fn enroll(
    platform: &Platform,
    user_id: Id<kinds::User>,
    course_id: Id<kinds::Course>,
    id: Id<kinds::Enrollment>,
) -> ApiResult<(Enrollment, u32)> {
    let store = platform.store();
    let found = store.batch().with::<Course>(Course::key_of(course_id)).with_people([user_id]).read().await?;
    let (course, now) = (found.one()?, platform.ambient().now());
    let covered = match &course {
        Some(course) if needs_plan(course) => store.subscriptions().covers_courses(user_id, now).await?,
        _ => false,
    };
    let (course, key) = may_enroll(course, user_id, covered)?;
    let student: Option<Person> = found.one()?;
    let student = student.ok_or_else(|| ApiError::internal("a session without a user"))?.full_name();
    let sources = Sources::of(key, Source { granted_at: now, item_id: None });
    let enrollment = Enrollment::new(id, (user_id, student), (course_id, course.instructor_id), sources, now);
    let enrolled = match key {
        SourceKey::Plan => store.enrollments().enroll_by_plan(&enrollment).await?,
        _ => store.enrollments().enroll_free(&enrollment).await?,
    };
    match enrolled {
        Enrolled::Made(enrollment) => Ok((*enrollment, course.lesson_count)),
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

/// Whether only a plan lets students into the course without a payment.
fn needs_plan(course: &Course) -> bool {
    course.in_plans && course.price() != Some(Price::FREE)
}

/// The course, and why it takes this student without a payment, where it does. The transaction demands of the course again what
/// it is for that.
fn may_enroll(
    course: Option<Course>,
    user: Id<kinds::User>,
    covered: bool,
) -> ApiResult<(Course, SourceKey)> {
    let course = course.filter(|course| course.deleted_at.is_none());
    let own = course.as_ref().is_some_and(|course| course.instructor_id == user);
    let Some(course) = course.filter(|course| own || course.status == CourseStatus::Published) else {
        return Err(ApiError::not_found("COURSE_NOT_FOUND", "There is no such course. Check its id."));
    };
    if own {
        let message = "This is your own course. You see all of it without an enrolment.";
        return Err(ApiError::conflict("OWN_COURSE", message));
    }
    if course.price() != Some(Price::FREE) && !covered {
        let message = match course.in_plans {
            true => "This course is not free. Buy it, or subscribe to a plan that covers it.",
            false => "This course is not free. Buy it to be enrolled.",
        };
        let (price, currency, in_plans) = (course.price(), &course.currency, course.in_plans);
        let details = json!({ "price": price, "currency": currency, "in_plans": in_plans });
        return Err(
            ApiError::new(StatusCode::PAYMENT_REQUIRED, "PAYMENT_REQUIRED", message).with_details(details)
        );
    }
    let key = if needs_plan(&course) { SourceKey::Plan } else { SourceKey::Free };
    Ok((course, key))
}
