//! One file for each endpoint.

pub(crate) mod cancel_order;
pub(crate) mod create_order;
pub(crate) mod get_order;
pub(crate) mod list_orders;
