//! What users are told inside the platform, and how they want to be told things. The texts are written when they are read, in the
//! reader's language, from the templates of the mails.

mod routes;
mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use cloud::Cloud;
use http_kit::{Platform, StartError};
use kernel::Vars;
use letters::Writer;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    writer: Arc<Writer>,
}

impl State {
    /// State from parts; tests use this.
    ///
    /// # Errors
    /// [`StartError`] when a template has a mistake, which the tests find.
    pub fn new(platform: Platform) -> Result<Self, StartError> {
        let writer = Writer::new().map_err(|error| StartError::Other(error.to_string()))?;
        Ok(Self { platform, writer: Arc::new(writer) })
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        Self::new(Platform::from_env(&vars, &cloud, &[Table::Social]).await?)
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{list, preferences, read};
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(list::list_notifications))
            .routes(routes!(read::read_notifications))
            .routes(routes!(
                preferences::get_notification_preferences,
                preferences::update_notification_preferences
            )),
    )
}
