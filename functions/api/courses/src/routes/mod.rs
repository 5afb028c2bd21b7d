//! One file for each endpoint, or for those that belong together.

pub(crate) mod archives;
pub(crate) mod categories;
pub(crate) mod copies;
pub(crate) mod create_course;
pub(crate) mod create_lesson;
pub(crate) mod create_section;
pub(crate) mod delete_course;
pub(crate) mod delete_lesson;
pub(crate) mod delete_section;
pub(crate) mod get_course;
pub(crate) mod get_lesson;
pub(crate) mod list_own_courses;
pub(crate) mod list_sections;
pub(crate) mod publish_course;
pub(crate) mod quiz_attempts;
pub(crate) mod reorder_lessons;
pub(crate) mod reorder_sections;
pub(crate) mod resources;
pub(crate) mod thumbnail;
pub(crate) mod unpublish_course;
pub(crate) mod update_course;
pub(crate) mod update_lesson;
pub(crate) mod update_section;
