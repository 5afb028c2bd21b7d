//! One file for each endpoint, or for those that undo each other.

pub(crate) mod create_review;
pub(crate) mod delete_review;
pub(crate) mod helpful;
pub(crate) mod list_edits;
pub(crate) mod list_reviews;
pub(crate) mod reply;
pub(crate) mod update_review;
