//! Payments (seed 001 §4.6, §9.3): intents and their confirmation, what the gateway tells, refunds and bank transfers by admins, money that
//! a person must look at, and what creators earn.

mod billing_events;
mod log;
mod refusals;
mod routes;
mod views;

use axum::extract::FromRef;
use checkout::Desk;
use cloud::Cloud;
use gateway::{Browser, Gateway, Webhooks};
use http_kit::{Platform, StartError};
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    desk: Desk,
    webhooks: Webhooks,
    browser: Browser,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(
        platform: Platform,
        gateway: Gateway,
        webhooks: Webhooks,
        browser: impl Into<Browser>,
    ) -> Self {
        let desk = Desk::new(platform.store().clone(), gateway, platform.ambient().clone());
        Self { platform, desk, webhooks, browser: browser.into() }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let gateway = Gateway::from_env(&vars, &cloud)?;
        let webhooks = Webhooks::from_env(&vars, &cloud);
        let tables = [Table::Commerce, Table::Catalog, Table::Learning];
        let platform = Platform::from_env(&vars, &cloud, &tables).await?;
        Ok(Self::new(platform, gateway, webhooks, Browser::from_env(&vars)))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        confirm_payment, confirm_transfer, create_intent, list_transactions, refund_order, revenue,
        set_asides, shares, webhook,
    };
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(create_intent::create_payment_intent))
            .routes(routes!(confirm_payment::confirm_payment))
            .routes(routes!(webhook::take_stripe_event))
            .routes(routes!(list_transactions::list_transactions))
            .routes(routes!(refund_order::refund_order))
            .routes(routes!(confirm_transfer::confirm_transfer))
            .routes(routes!(set_asides::list_set_asides))
            .routes(routes!(set_asides::refund_set_aside))
            .routes(routes!(set_asides::resolve_set_aside))
            .routes(routes!(revenue::get_revenue))
            .routes(routes!(shares::get_creator_share, shares::put_creator_share)),
    )
}
