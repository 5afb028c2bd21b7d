//! An admin lets somebody in who was locked out.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::{admin::AdminActionKind, identity::SecurityEventKind};
use http_kit::{Admin, ApiResult, Client, Params, Platform, no_content};
use kernel::{Id, id::kinds};
use store::entities::SecurityEvent;

use super::update_user::{act, done};
use crate::views::user_not_found;

/// Forgets the failed logins of an account, so that it can be logged in to from everywhere now. Doing it twice changes nothing.
#[utoipa::path(
    post, path = "/admin/users/{id}/unlock", operation_id = "unlock_user", tag = "admin",
    params(("id" = Id<kinds::User>, Path)),
    responses((status = 204, description = "Unlocked")),
)]
pub(crate) async fn unlock_user(
    State(platform): State<Platform>,
    Admin(caller): Admin,
    client: Client,
    Params(id): Params<Id<kinds::User>>,
) -> ApiResult<Response> {
    platform.store().users().standing(id).await?.ok_or_else(user_not_found)?;
    let kind = AdminActionKind::Unlocked;
    let action = act(&platform, caller, &client, id, kind, String::new(), BTreeMap::new());
    let event = SecurityEvent::now(platform.ambient(), id, SecurityEventKind::Unlocked, "", "");
    // The log first: what was done without a line in it could not be told later, a line too many can.
    done(platform.store().admin_actions().log(&action, &[event]).await?)?;
    platform.store().logins().unlock(id).await?;
    Ok(no_content())
}
