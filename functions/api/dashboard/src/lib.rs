//! What a learner sees first: his numbers, the days on which he learnt, and where he goes on (seed 001 §4.8). What he could learn next comes from
//! the search index: `api-search`.

mod places;
mod routes;

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
        let tables = [Table::Identity, Table::Catalog, Table::Learning, Table::Commerce];
        Ok(Self::new(Platform::from_env(&vars, &cloud, &tables).await?))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{activity, continue_learning, stats};
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(stats::get_dashboard_stats))
            .routes(routes!(activity::get_dashboard_activity))
            .routes(routes!(continue_learning::list_courses_to_continue)),
    )
}
