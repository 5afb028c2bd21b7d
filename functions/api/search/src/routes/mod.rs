//! One file for each endpoint.

pub(crate) mod click;
pub(crate) mod course_feed;
pub(crate) mod list_courses;
pub mod popular;
pub(crate) mod recommendations;
pub(crate) mod related;
pub(crate) mod robots;
pub(crate) mod search;
pub(crate) mod sitemap;
pub(crate) mod suggest;
