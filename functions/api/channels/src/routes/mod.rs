//! One file for each endpoint.

pub(crate) mod create_channel;
pub(crate) mod get_channel;
pub(crate) mod get_own_channel;
pub(crate) mod get_quota;
pub(crate) mod update_channel;
