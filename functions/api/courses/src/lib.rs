//! Courses: what instructors make and publish, and what everybody finds (seed 001 §4.3, seed 000).

mod access;
mod fields;
mod refusals;
mod routes;
mod views;

use axum::extract::FromRef;
use cloud::Cloud;
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform) -> Self {
        Self { platform }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let tables = [Table::Catalog, Table::Media, Table::Learning];
        Ok(Self::new(Platform::from_env(&vars, &cloud, &tables).await?))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        create_course, create_lesson, create_section, delete_course, delete_lesson, delete_section,
        get_course, get_lesson, list_courses, list_own_courses, list_sections, publish_course,
        reorder_lessons, reorder_sections, unpublish_course, update_course, update_lesson, update_section,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(list_courses::list_courses, create_course::create_course))
            .routes(routes!(list_own_courses::list_own_courses))
            .routes(routes!(
                get_course::get_course,
                update_course::update_course,
                delete_course::delete_course
            ))
            .routes(routes!(publish_course::publish_course))
            .routes(routes!(unpublish_course::unpublish_course))
            .routes(routes!(list_sections::list_sections, create_section::create_section))
            .routes(routes!(reorder_sections::reorder_sections))
            .routes(routes!(update_section::update_section, delete_section::delete_section))
            .routes(routes!(create_lesson::create_lesson))
            .routes(routes!(reorder_lessons::reorder_lessons))
            .routes(routes!(
                get_lesson::get_lesson,
                update_lesson::update_lesson,
                delete_lesson::delete_lesson
            )),
    )
}
