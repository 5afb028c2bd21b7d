//! One file for each endpoint.

pub(crate) mod abort_upload;
pub(crate) mod activate_version;
pub(crate) mod begin_version;
pub(crate) mod complete_upload;
pub(crate) mod complete_video;
pub(crate) mod delete_version;
pub(crate) mod get_upload;
pub(crate) mod list_versions;
pub(crate) mod presign_parts;
pub(crate) mod presign_upload;
