//! Videos (seeds 002 and 003): what their owners and the students of their courses see of them, their states, their processing, the
//! policy of their playback, and the permissions of single students.

mod access;
mod pipeline;
mod routes;
mod views;

use axum::extract::FromRef;
use cloud::Cloud;
use contracts::Queue;
use http_kit::{Platform, StartError};
use jobs::Publisher;
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    publisher: Publisher,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, publisher: Publisher) -> Self {
        Self { platform, publisher }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let tables = [Table::Social, Table::Catalog, Table::Learning, Table::Media];
        let platform = Platform::from_env(&vars, &cloud, &tables).await?;
        let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &Queue::MEDIA)?;
        Ok(Self::new(platform, publisher))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(routes::list_videos::list_videos))
            .routes(routes!(
                routes::get_video::get_video,
                routes::update_video::update_video,
                routes::delete_video::delete_video
            ))
            .routes(routes!(routes::get_processing::get_processing))
            .routes(routes!(routes::retry_video::retry_video))
            .routes(routes!(routes::publish_video::publish_video))
            .routes(routes!(routes::archive_video::archive_video))
            .routes(routes!(routes::set_policy::set_policy))
            .routes(routes!(
                routes::list_permissions::list_permissions,
                routes::create_permission::create_permission
            ))
            .routes(routes!(
                routes::get_permission::get_permission,
                routes::update_permission::update_permission,
                routes::delete_permission::delete_permission
            )),
    )
}
