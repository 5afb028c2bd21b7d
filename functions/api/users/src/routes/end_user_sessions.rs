//! An admin looks at the sessions of an account, and ends them.

use std::collections::BTreeMap;

use axum::{Json, extract::State, response::Response};
use domain::admin::AdminActionKind;
use http_kit::{Admin, ApiResult, Client, Params, Platform, no_content};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Session;

use super::update_user::{act, done, own_account};
use crate::views::user_not_found;

/// A session as admins see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UserSession {
    id: Id<kinds::Session>,
    device_info: String,
    /// The network address at the login; of a session of more than three weeks its network.
    #[schema(example = "203.0.113.7")]
    ip_address: String,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

impl UserSession {
    fn new(session: Session, now: Timestamp) -> Self {
        Self {
            ip_address: session.origin(now).to_owned(),
            id: session.id,
            device_info: session.device_info,
            created_at: session.created_at,
            last_used_at: session.updated_at,
            expires_at: session.valid_until,
        }
    }
}

/// Sessions.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UserSessions {
    results: Vec<UserSession>,
}

/// The live sessions of an account, the newest first. One that has just begun may appear a moment later.
#[utoipa::path(
    get, path = "/admin/users/{id}/sessions", operation_id = "list_user_sessions", tag = "admin",
    params(("id" = Id<kinds::User>, Path)),
    responses((status = 200, description = "The sessions", body = UserSessions)),
)]
pub(crate) async fn list_user_sessions(
    State(platform): State<Platform>,
    Admin(_caller): Admin,
    Params(id): Params<Id<kinds::User>>,
) -> ApiResult<Json<UserSessions>> {
    let standing = platform.store().users().standing(id).await?.ok_or_else(user_not_found)?;
    let now = platform.ambient().now();
    let mut sessions = platform.store().sessions().of_user(id).await?;
    sessions.retain(|session| standing.allows(&session.into(), now));
    let results = sessions.into_iter().map(|session| UserSession::new(session, now)).collect();
    Ok(Json(UserSessions { results }))
}

/// Ends all sessions of an account at once, those included that the list does not show yet.
#[utoipa::path(
    delete, path = "/admin/users/{id}/sessions", operation_id = "end_user_sessions", tag = "admin",
    params(("id" = Id<kinds::User>, Path)),
    responses((status = 204, description = "They have ended")),
)]
pub(crate) async fn end_user_sessions(
    State(platform): State<Platform>,
    Admin(caller): Admin,
    client: Client,
    Params(id): Params<Id<kinds::User>>,
) -> ApiResult<Response> {
    if caller.user_id == id {
        return Err(own_account());
    }
    platform.store().users().standing(id).await?.ok_or_else(user_not_found)?;
    let kind = AdminActionKind::SessionsEnded;
    let action = act(&platform, caller, &client, id, kind, String::new(), BTreeMap::new());
    done(platform.store().users().end_sessions(id, &action, &[]).await?)?;
    platform.store().sessions().revoke_all(id, None, action.at).await?;
    platform.access().forget_user(id);
    Ok(no_content())
}
