//! The line in the log of the admins.

use domain::admin::AdminActionKind;
use http_kit::{Client, Platform, Principal};
use store::entities::AdminAction;

/// What an admin does to money, now.
pub(crate) fn act(
    platform: &Platform,
    admin: Principal,
    client: &Client,
    kind: AdminActionKind,
) -> AdminAction {
    AdminAction::now(platform.ambient(), admin.user_id, &client.ip_address, kind)
}
