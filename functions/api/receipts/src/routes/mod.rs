//! The endpoints.

pub(crate) mod get_receipt;
