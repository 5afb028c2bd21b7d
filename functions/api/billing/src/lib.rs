//! Plans, subscriptions and promo codes (seed 003, "Subscription & Payment").

mod customers;
mod log;
mod refusals;
mod routes;
mod views;

use axum::extract::FromRef;
use billing::Billing;
use cloud::Cloud;
use gateway::{Browser, Gateway};
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    billing: Billing,
    browser: Browser,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, gateway: Gateway, browser: impl Into<Browser>) -> Self {
        let billing = Billing::new(platform.store().clone(), gateway);
        Self { platform, billing, browser: browser.into() }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let platform = Platform::from_env(&vars, &cloud, &[Table::Commerce]).await?;
        let gateway = Gateway::from_env(&vars, &cloud)?;
        Ok(Self::new(platform, gateway, Browser::from_env(&vars)))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        admin_plans, admin_promos, change, end, features, invoices, payment_method, plans, promos, subscribe,
        subscription,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(plans::list_plans))
            .routes(routes!(admin_plans::list_all_plans, admin_plans::create_plan))
            .routes(routes!(admin_plans::update_plan))
            .routes(routes!(subscription::get_subscription, subscribe::subscribe))
            .routes(routes!(payment_method::request_payment_method))
            .routes(routes!(invoices::list_invoices))
            .routes(routes!(features::get_features))
            .routes(routes!(change::preview_change))
            .routes(routes!(change::change_plan))
            .routes(routes!(end::cancel_subscription))
            .routes(routes!(end::resume_subscription))
            .routes(routes!(promos::validate_promo_code))
            .routes(routes!(admin_promos::list_promo_codes, admin_promos::create_promo_code))
            .routes(routes!(
                admin_promos::get_promo_code,
                admin_promos::update_promo_code,
                admin_promos::delete_promo_code
            )),
    )
}
