//! One file for each endpoint.

pub(crate) mod activity;
pub(crate) mod continue_learning;
pub(crate) mod stats;
