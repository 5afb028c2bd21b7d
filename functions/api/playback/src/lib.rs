//! Playback (seed 002): a session with limits, a token that binds it to user, device and video, signed cookies for one version of
//! one video, events judged against the policy, and progress that can be trusted.

mod cookies;
mod grant;
mod keys;
mod lesson;
mod refusal;
mod routes;
mod settings;
mod token;
mod views;

use axum::extract::FromRef;
use cloud::Cloud;
use ephemeral::Ephemeral;
use http_kit::{Platform, StartError, openapi::also_at};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use cookies::{CookieError, CookieSigner};
pub use keys::Keys;
pub use settings::Settings;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    sessions: Ephemeral,
    keys: Keys,
    settings: Settings,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, sessions: Ephemeral, keys: Keys, settings: Settings) -> Self {
        Self { platform, sessions, keys, settings }
    }

    /// State from the environment. No secret is read and no connection to Valkey made before the first use.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed. What only CloudFront needs is not among them: without
    /// it the function starts, and playback alone answers 503 (seed 002).
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let settings = Settings::from_env(&vars)?;
        let keys = Keys::from_env(&vars, cloud.secrets());
        let tables = [Table::Media, Table::Learning, Table::Catalog, Table::Commerce];
        let platform = Platform::from_env(&vars, &cloud, &tables).await?;
        let sessions = Ephemeral::from_env(&vars, &cloud, platform.store().clone())?;
        Ok(Self::new(platform, sessions, keys, settings))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(routes::play::play))
            .routes(routes!(routes::refresh::refresh))
            .routes(routes!(routes::heartbeat::heartbeat))
            .routes(routes!(routes::end::end))
            .routes(routes!(routes::report_events::report_events))
            .routes(routes!(routes::list_sessions::list_sessions))
            .routes(routes!(routes::end_session::end_session))
            .routes(routes!(routes::list_progress::list_progress, routes::report_progress::report_progress))
            .routes(routes!(routes::update_progress::update_progress))
            // The path that seed 002's client calls.
            .routes(also_at(
                "/lectures/video-progress/update_progress",
                routes!(routes::update_progress::update_progress),
            )),
    )
}
