//! What subscriptions are sold at the gateway: one product per plan, one price per interval and amount. A price never changes; another
//! amount is another price, and the old one is archived.

use std::collections::HashMap;

use stripe_product::{
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, UpdatePrice},
    product::{CreateProduct, UpdateProduct},
};
use stripe_shared::{Price, RecurringInterval};

use crate::{Gateway, GatewayError, Key, checked, money};

/// A product to be.
#[derive(Clone, Debug)]
pub struct NewProduct<'a> {
    /// Our plan, kept in the metadata.
    pub plan_id: &'a str,
    /// What a person sees on invoices.
    pub name: &'a str,
}

/// How often a subscription is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

/// A price to be.
#[derive(Clone, Debug)]
pub struct NewPrice<'a> {
    /// `prod_…`
    pub product: &'a str,
    /// Minor units per interval.
    pub minor: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// How often.
    pub interval: Interval,
    /// Our plan, kept in the metadata.
    pub plan_id: &'a str,
}

/// A price as the gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceState {
    /// `price_…`
    pub id: String,
    /// `prod_…`
    pub product: String,
    /// Minor units per interval. None for a price that is computed otherwise, of which LearnFlow makes none.
    pub minor: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// None for an interval that LearnFlow does not sell.
    pub interval: Option<Interval>,
    /// Whether it is sold.
    pub active: bool,
}

impl Gateway {
    /// Makes the product of a plan and gives its id, `prod_…`.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn create_product(&self, new: &NewProduct<'_>, key: &Key) -> Result<String, GatewayError> {
        let metadata = HashMap::from([("plan_id".to_owned(), new.plan_id.to_owned())]);
        let made = self.client.write(CreateProduct::new(new.name).metadata(metadata), key).await?;
        Ok(made.id.as_str().to_owned())
    }

    /// Renames a product, and sells it or no more.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn update_product(
        &self,
        id: &str,
        name: &str,
        active: bool,
        key: &Key,
    ) -> Result<(), GatewayError> {
        let request = UpdateProduct::new(checked(id)?).name(name).active(active);
        self.client.write(request, key).await.map(drop)
    }

    /// Makes a price.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn create_price(&self, new: &NewPrice<'_>, key: &Key) -> Result<PriceState, GatewayError> {
        let (amount, currency) = money::payable(new.minor, new.currency)?;
        let interval = match new.interval {
            Interval::Month => CreatePriceRecurringInterval::Month,
            Interval::Year => CreatePriceRecurringInterval::Year,
        };
        let request = CreatePrice::new(currency)
            .product(new.product)
            .unit_amount(amount)
            .recurring(CreatePriceRecurring::new(interval))
            .metadata(HashMap::from([("plan_id".to_owned(), new.plan_id.to_owned())]));
        self.client.write(request, key).await.map(PriceState::of)
    }

    /// Sells a price no more. Subscriptions that have it keep it.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn archive_price(&self, id: &str, key: &Key) -> Result<PriceState, GatewayError> {
        self.client.write(UpdatePrice::new(checked(id)?).active(false), key).await.map(PriceState::of)
    }
}

impl PriceState {
    pub(crate) fn of(price: Price) -> Self {
        let interval =
            price.recurring.and_then(|recurring| match (recurring.interval, recurring.interval_count) {
                (RecurringInterval::Month, 1) => Some(Interval::Month),
                (RecurringInterval::Year, 1) => Some(Interval::Year),
                _ => None,
            });
        Self {
            id: price.id.as_str().to_owned(),
            product: price.product.id().as_str().to_owned(),
            minor: price.unit_amount,
            currency: money::code(&price.currency),
            interval,
            active: price.active,
        }
    }
}
