//! A user looks at his export, or fetches it.

use axum::{Json, extract::State};
use http_kit::{ApiError, ApiResult, Platform, RecentlySignedIn};

use crate::archives::{Archives, ExportView};

/// The caller's last export, with a link of 15 minutes when it is ready. Whoever sits down at an open browser must not fetch it, so
/// the password or second factor was given within the last minutes.
#[utoipa::path(
    get, path = "/users/export", operation_id = "get_export", tag = "users",
    responses((status = 200, body = ExportView)),
)]
pub(crate) async fn get_export(
    State(platform): State<Platform>,
    State(archives): State<Archives>,
    RecentlySignedIn(caller): RecentlySignedIn,
) -> ApiResult<Json<ExportView>> {
    let Some(export) = platform.store().exports().of_user(caller.user_id).await? else {
        let message = "There is no export. POST /api/v1/users/export begins one.";
        return Err(ApiError::not_found("EXPORT_NOT_FOUND", message));
    };
    Ok(Json(archives.view(&export, platform.ambient().now()).await?))
}
