//! A user has read what he was told.

use axum::{Json, extract::State};
use domain::notification::READ_MAX;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

/// What was read: these notifications, or all that were made until a moment. Exactly one of the two.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadNotifications {
    /// At most 100. What is not there, or was read before, is passed over.
    #[garde(length(max = READ_MAX))]
    ids: Option<Vec<Id<kinds::Notification>>>,
    /// Such as the `created_at` of the newest notification that was shown.
    #[garde(skip)]
    #[schema(example = "2026-06-01T12:00:00Z")]
    until: Option<Timestamp>,
}

/// What is left.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReadResult {
    /// How many are not read now.
    #[schema(example = 0)]
    unread_count: u64,
    /// Whether more was made until that moment than one request marks: ask again.
    #[schema(example = false)]
    more: bool,
}

/// Marks notifications of the caller as read. Doing it twice changes nothing.
#[utoipa::path(
    post, path = "/notifications/read", operation_id = "read_notifications", tag = "notifications",
    request_body(
        content = ReadNotifications, example = json!({"ids": ["01933b7a-3c5e-7000-8000-4f2d1c9a7b10"]}),
    ),
    responses((status = 200, description = "What is left", body = ReadResult)),
)]
pub(crate) async fn read_notifications(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(read): Body<ReadNotifications>,
) -> ApiResult<Json<ReadResult>> {
    let (user, now) = (caller.user_id, platform.ambient().now());
    let notifications = platform.store().notifications();
    let more = match (read.ids, read.until) {
        (Some(ids), None) => {
            notifications.mark_read(user, &ids, now).await?;
            false
        }
        (None, Some(until)) => notifications.mark_read_until(user, until.min(now), now).await?,
        _ => return Err(ApiError::invalid("ids", "send either ids or until")),
    };
    let unread_count = notifications.unread_count(user, now).await?;
    Ok(Json(ReadResult { unread_count, more }))
}
