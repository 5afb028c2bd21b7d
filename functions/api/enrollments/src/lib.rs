//! Enrolments: how a student gets into a course and how far he is in it (seed 001 §4.7, seed 000), and the certificates of those who have
//! completed one.

mod attendance;
mod certificate;
mod lesson;
mod refusals;
mod routes;
mod views;

use axum::extract::FromRef;
use cloud::{Cloud, Objects};
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
    documents: Documents,
    settings: Settings,
}

/// Where the documents of certificates are.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    objects: Objects,
    bucket: String,
}

/// Settings of this group.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The bucket in which the documents of certificates lie.
    pub uploads_bucket: String,
    /// The keys that check certificates, as a JSON Web Key Set: those of today, and all before them.
    pub certificate_keys: String,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, objects: Objects, settings: Settings) -> Self {
        let documents = Documents { objects, bucket: settings.uploads_bucket.clone() };
        Self { platform, documents, settings }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let settings = Settings {
            uploads_bucket: vars.required("UPLOADS_BUCKET")?,
            certificate_keys: vars.required("CERTIFICATE_PUBLIC_KEYS")?,
        };
        let platform = Platform::from_env(&vars, &cloud, &TABLES).await?;
        Ok(Self::new(platform, cloud.objects(), settings))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        enroll_in_course, get_attendance, get_certificate, get_certificate_document, get_certificate_keys,
        get_enrollment, list_enrollments, mark_lesson_complete, report_lesson_progress, revoke_certificate,
        set_attendance, update_enrollment,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(enroll_in_course::enroll_in_course))
            .routes(routes!(list_enrollments::list_enrollments))
            .routes(routes!(get_enrollment::get_enrollment))
            .routes(routes!(mark_lesson_complete::mark_lesson_complete))
            .routes(routes!(report_lesson_progress::report_lesson_progress))
            .routes(routes!(update_enrollment::update_enrollment))
            .routes(routes!(get_certificate::get_certificate))
            .routes(routes!(get_certificate_document::get_certificate_document))
            .routes(routes!(get_certificate_keys::get_certificate_keys))
            .routes(routes!(revoke_certificate::revoke_certificate))
            .routes(routes!(get_attendance::get_attendance, set_attendance::set_attendance)),
    )
}
