//! Operation: whether the platform works, and the API's own description. Takes every path that no other function knows.

mod dependencies;
mod reference;
mod routes;

use axum::extract::FromRef;
use cloud::Cloud;
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use dependencies::Dependencies;

/// The OpenAPI document of all groups. `make openapi` writes it from the code; a test of `e2e` compares.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    dependencies: Dependencies,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, dependencies: Dependencies) -> Self {
        Self { platform, dependencies }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let platform = Platform::from_env(&vars, &cloud, &[Table::Media]).await?;
        let dependencies = Dependencies::from_env(&vars, &cloud)?;
        Ok(Self::new(platform, dependencies))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(routes::get_health::get_health))
            .routes(routes!(routes::get_deep_health::get_deep_health))
            .routes(routes!(routes::get_openapi::get_openapi))
            .routes(routes!(routes::get_docs::get_docs)),
    )
}
