//! A user sees the devices that his account knows.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Device;

/// A device on which the caller has logged in.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DeviceView {
    id: Id<kinds::Device>,
    device_info: String,
    /// The network of the last login: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
    #[schema(example = "203.0.113.0/24")]
    ip_address: String,
    created_at: Timestamp,
    last_used_at: Timestamp,
    /// Until when no second factor is asked for there.
    trusted_until: Option<Timestamp>,
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            device_info: device.device_info,
            ip_address: device.ip_address,
            created_at: device.created_at,
            last_used_at: device.updated_at,
            trusted_until: device.trusted_until,
        }
    }
}

/// Devices, the newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DeviceList {
    results: Vec<DeviceView>,
}

/// The caller's devices.
#[utoipa::path(
    get, path = "/auth/devices", operation_id = "list_devices", tag = "auth",
    responses((status = 200, description = "The devices, the newest first", body = DeviceList)),
)]
pub(crate) async fn list_devices(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<DeviceList>> {
    let mut devices = platform.store().devices().devices_of(caller.user_id).await?;
    devices.sort_by_key(|device| std::cmp::Reverse(device.created_at));
    Ok(Json(DeviceList { results: devices.into_iter().map(DeviceView::from).collect() }))
}
