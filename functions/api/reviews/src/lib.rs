//! Reviews: what students say of the courses that they take (seed 001 §4.3, seed 000).

mod access;
mod refusals;
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
        Ok(Self::new(Platform::from_env(&vars, &cloud, &[Table::Catalog, Table::Learning]).await?))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{create_review, delete_review, helpful, list_edits, list_reviews, reply, update_review};
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(list_reviews::list_reviews, create_review::create_review))
            .routes(routes!(update_review::update_review, delete_review::delete_review))
            .routes(routes!(list_edits::list_review_edits))
            .routes(routes!(helpful::vote_for_review, helpful::take_back_vote))
            .routes(routes!(reply::create_reply, reply::update_reply, reply::delete_reply)),
    )
}
