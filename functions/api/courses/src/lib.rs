//! Courses: what instructors make and publish, and what everybody finds (seed 001 §4.3, seed 000).

mod access;
mod archives;
mod carry;
mod fields;
mod files;
mod refusals;
mod routes;
mod slugs;
mod version;
mod views;

use axum::extract::{DefaultBodyLimit, FromRef};
use cloud::{Cloud, Objects};
use contracts::Queue;
use domain::course::DOCUMENT_MAX;
use http_kit::{Platform, StartError};
use jobs::Publisher;
use kernel::Vars;
use store::Table;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

use archives::Archives;
use files::Files;
use slugs::Slugs;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    files: Files,
    archives: Archives,
    slugs: Slugs,
}

/// Settings of this group.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bucket that takes uploads and keeps the files of lessons.
    pub uploads_bucket: String,
    /// The bucket of archives that were written.
    pub exports_bucket: String,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, objects: Objects, publisher: Publisher, settings: &Settings) -> Self {
        let archives = Archives::new(objects.clone(), publisher, settings);
        let files = Files::new(objects, &settings.uploads_bucket);
        Self { platform, files, archives, slugs: Slugs::default() }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let settings = Settings {
            uploads_bucket: vars.required("UPLOADS_BUCKET")?,
            exports_bucket: vars.required("EXPORTS_BUCKET")?,
        };
        let tables = [Table::Catalog, Table::Media, Table::Learning, Table::Commerce];
        let platform = Platform::from_env(&vars, &cloud, &tables).await?;
        let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &[Queue::Archive])?;
        Ok(Self::new(platform, cloud.objects(), publisher, &settings))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        archives, categories, copies, create_course, create_lesson, create_section, delete_course,
        delete_lesson, delete_section, get_course, get_lesson, list_own_courses, list_sections,
        publish_course, quiz_attempts, reorder_lessons, reorder_sections, resources, thumbnail,
        unpublish_course, update_course, update_lesson, update_section,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(create_course::create_course))
            .routes(routes!(list_own_courses::list_own_courses))
            .routes(routes!(categories::list_categories))
            .routes(routes!(categories::create_category))
            .routes(routes!(categories::update_category, categories::delete_category))
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
            ))
            .routes(routes!(quiz_attempts::list_quiz_attempts, quiz_attempts::take_quiz))
            .routes(routes!(copies::import_course).layer(DefaultBodyLimit::max(DOCUMENT_MAX)))
            .routes(routes!(copies::duplicate_course))
            .routes(routes!(copies::export_course))
            .routes(routes!(archives::request_course_archive, archives::get_course_archive))
            .routes(routes!(archives::upload_course_archive))
            .routes(routes!(archives::import_course_archive))
            .routes(routes!(archives::get_course_import))
            .routes(routes!(thumbnail::get_thumbnail, thumbnail::upload_thumbnail))
            .routes(routes!(resources::upload_resource))
            .routes(routes!(resources::add_resource))
            .routes(routes!(resources::get_resource, resources::remove_resource)),
    )
}
