//! Receipts of orders (seed 001 §3.2) as PDF. A function of its own: the fonts weigh seven megabytes, which would slow the start of
//! checkouts.

mod labels;
mod receipt;
mod routes;
mod seller;

use axum::extract::FromRef;
use cloud::Cloud;
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use seller::Seller;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    seller: Seller,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, seller: Seller) -> Self {
        Self { platform, seller }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let seller = Seller::from_env(&vars)?;
        Ok(Self::new(Platform::from_env(&vars, &cloud, &[Table::Commerce]).await?, seller))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(OpenApiRouter::new().routes(routes!(routes::get_receipt::get_receipt)))
}
