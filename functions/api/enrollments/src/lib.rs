//! Enrolments: how a student gets into a course and how far he is in it (seed 001 §4.7, seed 000).

mod attendance;
mod lesson;
mod refusals;
mod routes;
mod views;

use axum::extract::FromRef;
use cloud::Cloud;
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The media table tells the videos of a section, from which attendance follows.
const TABLES: [Table; 4] = [Table::Catalog, Table::Learning, Table::Media, Table::Commerce];

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
        Ok(Self::new(Platform::from_env(&vars, &cloud, &TABLES).await?))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        enroll_in_course, get_attendance, get_enrollment, list_enrollments, mark_lesson_complete,
        report_lesson_progress, set_attendance, update_enrollment,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(enroll_in_course::enroll_in_course))
            .routes(routes!(list_enrollments::list_enrollments))
            .routes(routes!(get_enrollment::get_enrollment))
            .routes(routes!(mark_lesson_complete::mark_lesson_complete))
            .routes(routes!(report_lesson_progress::report_lesson_progress))
            .routes(routes!(update_enrollment::update_enrollment))
            .routes(routes!(get_attendance::get_attendance, set_attendance::set_attendance)),
    )
}
