//! A user asks for all that the platform holds of him.

use axum::{Json, extract::State};
use domain::identity::SecurityEventKind;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Client, Platform, RecentlySignedIn};
use store::entities::{Export, SecurityEvent, export::Requested};

use crate::archives::{Archives, ExportView};

/// Begins an export; a mail says when it is ready. At most one in 24 hours. While one is being written, the answer is that one.
#[utoipa::path(
    post, path = "/users/export", operation_id = "request_export", tag = "users",
    responses((status = 202, description = "It is being written", body = ExportView)),
)]
pub(crate) async fn request_export(
    State(platform): State<Platform>,
    State(archives): State<Archives>,
    client: Client,
    RecentlySignedIn(caller): RecentlySignedIn,
) -> ApiResult<(StatusCode, Json<ExportView>)> {
    let (ambient, now) = (platform.ambient(), platform.ambient().now());
    let export = Export::new(ambient.id(), caller.user_id, now);
    let kind = SecurityEventKind::Exported;
    let event = SecurityEvent::now(ambient, caller.user_id, kind, &client.ip_address, &client.device_info);
    let export = match platform.store().exports().request(&export, &event).await? {
        Requested::Begun => export,
        // Its message may have been lost; the job writes the archive once.
        Requested::Pending(earlier) => earlier,
        Requested::TooSoon(last) => {
            let wait = u32::try_from(last.next_at - now.as_second()).unwrap_or(1);
            let message = "You had an export within the last 24 hours. Fetch that one, or wait.";
            let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "EXPORT_TOO_SOON", message);
            return Err(error.with_retry_after(wait));
        }
    };
    archives.begin(&export).await?;
    Ok((StatusCode::ACCEPTED, Json(archives.view(&export, now).await?)))
}
