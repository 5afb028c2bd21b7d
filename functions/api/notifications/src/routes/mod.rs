//! One file for each endpoint, or for those of one path.

pub(crate) mod list;
pub(crate) mod preferences;
pub(crate) mod read;
