//! A user takes a device from the list of those that his account knows.

use axum::{extract::State, response::Response};
use http_kit::{ApiError, ApiResult, FreshlyChecked, Params, Platform};
use kernel::{Id, id::kinds};

/// Forgets a device: its next login is one on a new device and needs the second factor.
#[utoipa::path(
    delete, path = "/auth/devices/{id}", operation_id = "forget_device", tag = "auth",
    params(("id" = Id<kinds::Device>, Path, description = "The device")),
    responses((status = 204, description = "It is forgotten")),
)]
pub(crate) async fn forget_device(
    State(platform): State<Platform>,
    FreshlyChecked(caller): FreshlyChecked,
    Params(id): Params<Id<kinds::Device>>,
) -> ApiResult<Response> {
    if platform.store().devices().forget(caller.user_id, id).await? {
        return Ok(http_kit::no_content());
    }
    Err(ApiError::not_found(
        "DEVICE_NOT_FOUND",
        "There is no such device of yours. GET /auth/devices lists them.",
    ))
}
