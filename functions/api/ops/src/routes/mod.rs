//! One file for each endpoint.

pub(crate) mod get_deep_health;
pub(crate) mod get_docs;
pub(crate) mod get_health;
pub(crate) mod get_openapi;
