//! Channels of instructors (seed 003, Channel): one for each instructor, found by id or handle, with a quota of uploads.

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
        Ok(Self::new(Platform::from_env(&vars, &cloud, &[Table::Social]).await?))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(routes::create_channel::create_channel))
            .routes(routes!(routes::get_own_channel::get_own_channel))
            .routes(routes!(routes::get_channel::get_channel, routes::update_channel::update_channel))
            .routes(routes!(routes::get_quota::get_quota)),
    )
}
