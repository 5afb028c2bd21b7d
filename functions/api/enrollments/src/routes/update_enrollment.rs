//! An admin stops, ends or extends an enrolment.

use axum::{Json, extract::State};
use domain::{
    admin::{AdminActionKind, REASON_MAX},
    enrollment::{AdminChange, EnrollmentStatus},
};
use garde::Validate;
use http_kit::{Admin, ApiError, ApiResult, Body, Client, Params, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    entities::{AdminAction, Enrollment, admin_action::Acted},
};

use crate::refusals;

/// What is done.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EnrollmentAction {
    /// Stops it until it is resumed.
    Suspend,
    /// Ends a suspension.
    Resume,
    /// Ends it now.
    Expire,
    /// Lets it end on `expiry_date`; one that has ended begins again.
    Extend,
}

/// What an admin does to an enrolment.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateEnrollment {
    #[garde(skip)]
    action: EnrollmentAction,
    /// When it ends; of `extend`, and needed there.
    #[garde(skip)]
    #[schema(example = "2027-01-01T00:00:00Z")]
    expiry_date: Option<Timestamp>,
    /// Why; for the log of the admins.
    #[serde(default)]
    #[garde(length(chars, max = REASON_MAX))]
    #[schema(example = "Asked for another month because of illness.")]
    reason: String,
}

impl UpdateEnrollment {
    fn change(&self) -> ApiResult<AdminChange> {
        match (self.action, self.expiry_date) {
            (EnrollmentAction::Extend, Some(until)) => Ok(AdminChange::Extend(until)),
            (EnrollmentAction::Extend, None) => {
                Err(ApiError::invalid("expiry_date", "is needed to extend an enrolment"))
            }
            (_, Some(_)) => Err(ApiError::invalid("expiry_date", "belongs to extend; leave it out")),
            (EnrollmentAction::Suspend, None) => Ok(AdminChange::Suspend),
            (EnrollmentAction::Resume, None) => Ok(AdminChange::Resume),
            (EnrollmentAction::Expire, None) => Ok(AdminChange::Expire),
        }
    }
}

/// An enrolment as an admin sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrollmentStanding {
    id: Id<kinds::Enrollment>,
    user_id: Id<kinds::User>,
    course_id: Id<kinds::Course>,
    status: EnrollmentStatus,
    expiry_date: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    enrolled_at: Timestamp,
}

impl From<&Enrollment> for EnrollmentStanding {
    fn from(enrollment: &Enrollment) -> Self {
        Self {
            id: enrollment.id,
            user_id: enrollment.user_id,
            course_id: enrollment.course_id,
            status: enrollment.status,
            expiry_date: enrollment.expiry_date,
            completed_at: enrollment.completed_at,
            enrolled_at: enrollment.enrolled_at,
        }
    }
}

/// Suspends, resumes, ends or extends an enrolment, whatever gave the right to it. Its student loses the course at once, a play that goes on at
/// its next heartbeat. What changes nothing is not logged.
#[utoipa::path(
    patch, path = "/admin/enrollments/{id}", operation_id = "update_enrollment", tag = "admin",
    params(("id" = Id<kinds::Enrollment>, Path)),
    request_body = UpdateEnrollment,
    responses((status = 200, description = "The enrolment as it is now", body = EnrollmentStanding)),
)]
pub(crate) async fn update_enrollment(
    State(platform): State<Platform>,
    Admin(admin): Admin,
    client: Client,
    Params(id): Params<Id<kinds::Enrollment>>,
    Body(body): Body<UpdateEnrollment>,
) -> ApiResult<Json<EnrollmentStanding>> {
    admin.session_id()?;
    let wanted = body.change()?;
    let (enrollments, now) = (platform.store().enrollments(), platform.ambient().now());
    let found = enrollments.find(id).await?.ok_or_else(refusals::no_such_enrollment)?;
    let before = found.standing();
    let after = before.change(wanted, now).map_err(refusals::not_possible)?;
    if before == after {
        return Ok(Json((&found).into()));
    }
    let kind = AdminActionKind::EnrollmentChanged;
    let action = AdminAction::now(platform.ambient(), admin.user_id, &client.ip_address, kind)
        .to_account(found.user_id)
        .with("enrollment_id", id)
        .with("status_from", before.status)
        .with("status_to", after.status);
    let action = after.expiry_date.iter().fold(action, |action, end| action.with("expiry_date", end));
    match enrollments.change_standing(&found, after, &action.because(&body.reason)).await? {
        Acted::Done => {
            let changed = Enrollment { status: after.status, expiry_date: after.expiry_date, ..found };
            Ok(Json((&changed).into()))
        }
        Acted::Changed => Err(StoreError::ConditionFailed(None).into()),
        Acted::NotAdmin => Err(ApiError::admins_only()),
    }
}
