//! A user deletes his account.

use axum::{Json, extract::State};
use domain::identity::SecurityEventKind;
use http_kit::{ApiError, ApiResult, Client, Platform, RecentlySignedIn};
use kernel::Timestamp;
use serde::Serialize;
use store::entities::SecurityEvent;

use crate::views::user_not_found;

/// A deleted account.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DeletedAccount {
    #[schema(
        example = "The account is deleted. POST /api/v1/auth/restore brings it back until it is erased."
    )]
    message: &'static str,
    deleted_at: Timestamp,
    /// From when on it is erased and can't be brought back: 30 days later.
    erased_from: Timestamp,
}

/// Deletes the caller's account: all his sessions end, his subscription ends within seconds and is not charged any more, and after 30 days
/// everything of him is erased. Until then `POST /auth/restore` undoes it, but for the subscription. Nothing else changes before: his courses
/// stay as they are.
#[utoipa::path(
    delete, path = "/users/profile", operation_id = "delete_profile", tag = "users",
    responses((status = 200, description = "Deleted; all sessions have ended", body = DeletedAccount)),
)]
pub(crate) async fn delete_profile(
    State(platform): State<Platform>,
    client: Client,
    RecentlySignedIn(caller): RecentlySignedIn,
) -> ApiResult<Json<DeletedAccount>> {
    let (ambient, store, id) = (platform.ambient(), platform.store(), caller.user_id);
    let session = caller.session_id()?;
    let user = store.users().get(id).await?.ok_or_else(user_not_found)?;
    let kind = SecurityEventKind::Deleted;
    let event = SecurityEvent::now(ambient, id, kind, &client.ip_address, &client.device_info);
    let Some(deletion) = store.deletions().delete(&user, session, &event, ambient).await? else {
        let message = "The account was changed at the same time. Look at it, then try again.";
        return Err(ApiError::conflict("CHANGED_MEANWHILE", message));
    };
    platform.access().forget_user(id);
    // They have ended with the deletion already; this tells the lists of sessions.
    store.sessions().revoke_all(id, None, ambient.now()).await?;
    Ok(Json(DeletedAccount {
        message: "The account is deleted. POST /api/v1/auth/restore brings it back until it is erased.",
        deleted_at: deletion.deleted_at,
        erased_from: domain::identity::deletion::erased_from(deletion.deleted_at),
    }))
}
