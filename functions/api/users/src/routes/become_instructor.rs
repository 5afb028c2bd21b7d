//! A student wants to teach.

use axum::{Json, extract::State};
use domain::identity::{Role, SecurityEventKind};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Client, FreshlyChecked, Platform};
use kernel::Timestamp;
use serde::Serialize;
use store::{StoreError, entities::SecurityEvent};

use crate::{Settings, views::user_not_found};

/// What becomes of the wish.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct InstructorWish {
    role: Role,
    is_instructor: bool,
    /// Since when an admin is asked; null where none needs to be.
    requested_at: Option<Timestamp>,
    #[schema(example = "You are an instructor now. Make your channel with POST /api/v1/channels.")]
    message: &'static str,
}

impl InstructorWish {
    fn granted(role: Role) -> Self {
        let message = "You are an instructor now. Make your channel with POST /api/v1/channels.";
        Self { role, is_instructor: true, requested_at: None, message }
    }
}

/// Makes the caller an instructor, at once or by an admin's approval, as the platform is set up. Saying it twice changes nothing.
#[utoipa::path(
    post, path = "/users/become-instructor", operation_id = "become_instructor", tag = "users",
    responses(
        (status = 200, description = "The caller is an instructor", body = InstructorWish),
        (status = 202, description = "An admin will decide", body = InstructorWish),
    ),
)]
pub(crate) async fn become_instructor(
    State(platform): State<Platform>,
    State(settings): State<Settings>,
    FreshlyChecked(caller): FreshlyChecked,
    client: Client,
) -> ApiResult<(StatusCode, Json<InstructorWish>)> {
    if caller.role >= Role::Instructor {
        return Ok((StatusCode::OK, Json(InstructorWish::granted(caller.role))));
    }
    let (users, ambient) = (platform.store().users(), platform.ambient());
    let (user, now) = (caller.user_id, ambient.now());
    if settings.open_instructor_signup {
        let Client { ip_address, device_info, .. } = &client;
        let kind = SecurityEventKind::RoleChanged;
        let event = SecurityEvent::now(ambient, user, kind, ip_address, device_info)
            .with("role_from", Role::Student.as_str())
            .with("role_to", Role::Instructor.as_str());
        if users.become_instructor(user, &event, now).await? {
            platform.access().forget_user(user);
            return Ok((StatusCode::OK, Json(InstructorWish::granted(Role::Instructor))));
        }
    } else if let Some(asked) = users.request_instructor(user, now).await? {
        let message = "Your request is noted. An admin will decide; you will be an instructor then.";
        let requested_at = asked.instructor_requested_at;
        let wish = InstructorWish { role: asked.role, is_instructor: false, requested_at, message };
        return Ok((StatusCode::ACCEPTED, Json(wish)));
    }
    // He was no active student at that moment: another request, or an admin, was faster.
    let standing = users.standing(user).await?.ok_or_else(user_not_found)?;
    match standing.role {
        Role::Student => Err(ApiError::from(StoreError::ConditionFailed(None))),
        role => Ok((StatusCode::OK, Json(InstructorWish::granted(role)))),
    }
}
