//! One file for each endpoint.

pub(crate) mod abort_upload;
pub(crate) mod complete_upload;
pub(crate) mod complete_video;
pub(crate) mod get_upload;
pub(crate) mod presign_parts;
pub(crate) mod presign_upload;
