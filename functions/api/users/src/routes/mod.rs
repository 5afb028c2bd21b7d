//! One file for each endpoint, or for those of one thing.

pub(crate) mod admin_actions;
pub(crate) mod api_keys;
pub(crate) mod become_instructor;
pub(crate) mod delete_profile;
pub(crate) mod end_user_sessions;
pub(crate) mod get_export;
pub(crate) mod get_profile;
pub(crate) mod get_user;
pub(crate) mod list_users;
pub(crate) mod picture;
pub(crate) mod request_export;
pub(crate) mod unlock_user;
pub(crate) mod unsubscribe;
pub(crate) mod update_profile;
pub(crate) mod update_user;
