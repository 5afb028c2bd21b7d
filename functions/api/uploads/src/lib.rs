//! Uploads of source files (seed 002, presign and complete), and the versions of videos that they make (seed 003): straight from the browser to S3, with one presigned PUT or in parts
//! that can be resumed. A file never passes through this function, and processing is started by S3's event, never here.

mod bucket;
mod completion;
mod records;
mod routes;
mod views;

use axum::extract::FromRef;
use cloud::{Cloud, Objects};
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

use bucket::Bucket;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    bucket: Bucket,
}

impl State {
    /// State from parts; tests use this. `bucket` is the name of the uploads bucket.
    pub fn new(platform: Platform, objects: Objects, bucket: impl Into<String>) -> Self {
        Self { platform, bucket: Bucket::new(objects, bucket) }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let bucket = vars.required("UPLOADS_BUCKET")?;
        let platform =
            Platform::from_env(&vars, &cloud, &[Table::Social, Table::Catalog, Table::Media]).await?;
        Ok(Self::new(platform, cloud.objects(), bucket))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(routes::presign_upload::presign_upload))
            .routes(routes!(routes::complete_video::complete_video))
            .routes(routes!(routes::get_upload::get_upload, routes::abort_upload::abort_upload))
            .routes(routes!(routes::presign_parts::presign_parts))
            .routes(routes!(routes::complete_upload::complete_upload))
            .routes(routes!(routes::begin_version::begin_version, routes::list_versions::list_versions))
            .routes(routes!(routes::activate_version::activate_version))
            .routes(routes!(routes::delete_version::delete_version)),
    )
}
