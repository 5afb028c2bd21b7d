//! An admin changes what an account may do.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::{
    admin::{AdminActionKind, NotAllowed, REASON_MAX, Standing, change},
    identity::{Role, SecurityEventKind, UserStatus},
};
use garde::Validate;
use http_kit::{Admin, ApiError, ApiResult, Body, Client, Params, Platform, Principal};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    entities::{AdminAction, SecurityEvent, User, admin_action::Acted},
};

use crate::views::{AccountView, user_not_found};

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateUser {
    #[garde(skip)]
    role: Option<Role>,
    /// `suspended` may read and watch, not write. `banned` ends all sessions and lets nobody log in.
    #[garde(skip)]
    status: Option<UserStatus>,
    /// Why; kept in the log.
    #[serde(default)]
    #[garde(length(chars, max = REASON_MAX))]
    #[schema(example = "Spam in 14 courses")]
    reason: String,
}

/// Changes role or status of an account, at once for all its sessions and keys. Approving a request to become an instructor is giving the
/// role, refusing it is giving the role `student` again. The owner is told by mail.
#[utoipa::path(
    patch, path = "/admin/users/{id}", operation_id = "update_user", tag = "admin",
    params(("id" = Id<kinds::User>, Path)),
    request_body = UpdateUser,
    responses((status = 200, description = "The account", body = AccountView)),
)]
pub(crate) async fn update_user(
    State(platform): State<Platform>,
    Admin(caller): Admin,
    client: Client,
    Params(id): Params<Id<kinds::User>>,
    Body(new): Body<UpdateUser>,
) -> ApiResult<Json<AccountView>> {
    let (users, now) = (platform.store().users(), platform.ambient().now());
    let user = users.get(id).await?.ok_or_else(user_not_found)?;
    let before = user.standing();
    let after = change(caller.user_id == id, before, new.role, new.status).map_err(not_allowed)?;
    let refuses = new.role == Some(Role::Student) && user.instructor_requested_at.is_some();
    if before == after && !refuses {
        return Ok(Json(user.into()));
    }
    let mut details = details(before, after);
    if refuses {
        details.insert("instructor_request".into(), "refused".into());
    }
    let action = act(&platform, caller, &client, id, AdminActionKind::StandingChanged, new.reason, details);
    let events = events(&platform, id, before, after);
    done(users.change_standing(id, (before, after), &action, &events).await?)?;
    if after.status == UserStatus::Banned {
        // They have ended with the ban already; this tells the lists of sessions.
        platform.store().sessions().revoke_all(id, None, now).await?;
    }
    platform.access().forget_user(id);
    let user = User {
        role: after.role,
        status: after.status,
        instructor_requested_at: None,
        updated_at: now,
        ..user
    };
    Ok(Json(user.into()))
}

/// The names of what changed, before and after.
fn details(before: Standing, after: Standing) -> BTreeMap<String, String> {
    let mut details = BTreeMap::new();
    let mut note = |name: &str, from: &str, to: &str| {
        if from != to {
            details.insert(format!("{name}_from"), from.to_owned());
            details.insert(format!("{name}_to"), to.to_owned());
        }
    };
    note("role", before.role.as_str(), after.role.as_str());
    note("status", before.status.as_str(), after.status.as_str());
    details
}

/// What the owner is told: by whom is none of his business, so neither address nor device of the admin is in it.
fn events(
    platform: &Platform,
    user: Id<kinds::User>,
    before: Standing,
    after: Standing,
) -> Vec<SecurityEvent> {
    let event = |kind, name: &str, from: &str, to: &str| {
        SecurityEvent::now(platform.ambient(), user, kind, "", "")
            .with(&format!("{name}_from"), from)
            .with(&format!("{name}_to"), to)
    };
    let (roles, states) = ((before.role, after.role), (before.status, after.status));
    let role = (roles.0 != roles.1)
        .then(|| event(SecurityEventKind::RoleChanged, "role", roles.0.as_str(), roles.1.as_str()));
    let status = (states.0 != states.1)
        .then(|| event(SecurityEventKind::StatusChanged, "status", states.0.as_str(), states.1.as_str()));
    role.into_iter().chain(status).collect()
}

/// The line in the log.
pub(crate) fn act(
    platform: &Platform,
    admin: Principal,
    client: &Client,
    user: Id<kinds::User>,
    kind: AdminActionKind,
    reason: String,
    details: BTreeMap<String, String>,
) -> AdminAction {
    let action = AdminAction::now(platform.ambient(), admin.user_id, &client.ip_address, kind);
    AdminAction { details, reason, ..action.to_account(user) }
}

/// What became of an admin's transaction, as he is told.
pub(crate) fn done(acted: Acted) -> ApiResult<()> {
    match acted {
        Acted::Done => Ok(()),
        Acted::Changed => Err(StoreError::ConditionFailed(None).into()),
        Acted::NotAdmin => Err(ApiError::admins_only()),
    }
}

fn not_allowed(reason: NotAllowed) -> ApiError {
    match reason {
        NotAllowed::OwnAccount => own_account(),
        NotAllowed::Deleted => {
            let message = "The owner deleted this account. Only he can bring it back, within 30 days.";
            ApiError::conflict("USER_DELETED", message)
        }
        NotAllowed::DeletionIsTheOwners => ApiError::invalid(
            "status",
            "must be active, suspended or banned: only its owner deletes an account",
        ),
    }
}

/// The answer to an admin who would change himself.
pub(crate) fn own_account() -> ApiError {
    let message = "You can't change your own account here. Ask another admin to do it.";
    ApiError::conflict("OWN_ACCOUNT", message)
}
