//! The line in the log of the admins.

use domain::admin::AdminActionKind;
use http_kit::{Client, Platform, Principal};
use store::entities::AdminAction;

/// What an admin does to a plan or a promo code. `details` says to which, and what it is like afterwards.
pub(crate) fn act<const N: usize>(
    platform: &Platform,
    admin: Principal,
    client: &Client,
    kind: AdminActionKind,
    details: [(&str, String); N],
) -> AdminAction {
    let action = AdminAction::now(platform.ambient(), admin.user_id, &client.ip_address, kind);
    details.into_iter().fold(action, |action, (name, value)| action.with(name, value))
}
