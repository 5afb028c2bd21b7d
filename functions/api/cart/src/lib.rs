//! Carts and wish lists (seed 001 §4.4). What a cart shows is reckoned anew each time, from what its courses cost at that moment.

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
        let tables = [Table::Commerce, Table::Catalog, Table::Learning];
        Ok(Self::new(Platform::from_env(&vars, &cloud, &tables).await?))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{add_item, cart, promo, remove_item, wishes};
    http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(cart::get_cart, cart::clear_cart))
            .routes(routes!(add_item::add_cart_item))
            .routes(routes!(remove_item::remove_cart_item))
            .routes(routes!(promo::set_cart_promo, promo::remove_cart_promo))
            .routes(routes!(wishes::list_wishes, wishes::add_wish))
            .routes(routes!(wishes::remove_wish))
            .routes(routes!(wishes::move_wish_to_cart)),
    )
}
