//! Orders (seed 001 §4.5): made from the cart at the prices of the moment, listed, cancelled.

mod billing;
mod refusals;
mod routes;
mod views;

use axum::extract::FromRef;
use checkout::Desk;
use cloud::Cloud;
use domain::commerce::{BankAccount, tax::Rates};
use gateway::Gateway;
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    desk: Desk,
    rates: Rates,
    account: Option<BankAccount>,
}

impl State {
    /// State from parts; tests use this. Without an account no order is paid by bank transfer.
    pub fn new(platform: Platform, gateway: Gateway, rates: Rates, account: Option<BankAccount>) -> Self {
        let desk = Desk::new(platform.store().clone(), gateway, platform.ambient().clone());
        Self { platform, desk, rates, account }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let gateway = Gateway::from_env(&vars, &cloud)?;
        let rates = match vars.optional("TAX_RATES") {
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                StartError::Other(format!(
                    "TAX_RATES must be a JSON object of basis points by country: {error}"
                ))
            })?,
            None => Rates::default(),
        };
        let tables = [Table::Commerce, Table::Catalog, Table::Learning];
        let account = BankAccount::from_env(&vars)?;
        Ok(Self::new(Platform::from_env(&vars, &cloud, &tables).await?, gateway, rates, account))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{cancel_order, create_order, get_order, list_orders};
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(create_order::create_order_from_cart))
            .routes(routes!(list_orders::list_orders))
            .routes(routes!(get_order::get_order))
            .routes(routes!(cancel_order::cancel_order)),
    )
}
