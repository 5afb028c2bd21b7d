//! One file for each endpoint.

pub(crate) mod add_url;
pub(crate) mod archive_video;
pub(crate) mod choose_thumbnail;
pub(crate) mod create_permission;
pub(crate) mod delete_permission;
pub(crate) mod delete_subtitles;
pub(crate) mod delete_video;
pub(crate) mod export_stats;
pub(crate) mod get_lecture_session;
pub(crate) mod get_permission;
pub(crate) mod get_processing;
pub(crate) mod get_stats;
pub(crate) mod get_video;
pub(crate) mod lecture_video;
pub(crate) mod list_permissions;
pub(crate) mod list_subtitles;
pub(crate) mod list_thumbnails;
pub(crate) mod list_videos;
pub(crate) mod publish_video;
pub(crate) mod put_subtitles;
pub(crate) mod retry_video;
pub(crate) mod set_permissions;
pub(crate) mod set_policy;
pub(crate) mod update_permission;
pub(crate) mod update_video;
pub(crate) mod upload_files;
