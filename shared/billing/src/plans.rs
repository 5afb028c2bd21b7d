//! Plans at the gateway: one product for each, one price for each interval and amount.

use domain::commerce::BillingInterval;
use gateway::{Interval, Key, NewPrice, NewProduct};
use store::entities::{SubscriptionPlan, commerce::plan::GatewayPrice};

use crate::{Billing, BillingError};

/// How an interval is called in keys.
const fn name(interval: BillingInterval) -> &'static str {
    match interval {
        BillingInterval::Monthly => "monthly",
        BillingInterval::Annual => "annual",
    }
}

impl Billing {
    /// Makes at the gateway what a plan lacks there: its product, its name, a price for each interval that is the plan's. What new
    /// subscribers no longer pay is archived; who pays it goes on paying it. It may be killed anywhere and be called again: each step
    /// has its own idempotency key. Gives the plan as it is then; `None` when an admin has changed it meanwhile.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn publish_plan(
        &self,
        plan: &SubscriptionPlan,
    ) -> Result<Option<SubscriptionPlan>, BillingError> {
        let mut after = plan.clone();
        let id = plan.plan.id.to_string();
        let product = match &plan.product_id {
            Some(product) => {
                if plan.named_revision != plan.revision {
                    let key = Key::new("name-plan", format_args!("{id}:{}", plan.revision));
                    self.gateway.update_product(product, &plan.plan.name, true, &key).await?;
                }
                product.clone()
            }
            None => {
                let new = NewProduct { plan_id: &id, name: &plan.plan.name };
                self.gateway.create_product(&new, &Key::new("plan", &id)).await?
            }
        };
        after.named_revision = plan.revision;
        after.product_id = Some(product.clone());
        for interval in [BillingInterval::Monthly, BillingInterval::Annual] {
            let wanted = plan.plan.price(interval);
            let slot = match interval {
                BillingInterval::Monthly => &mut after.monthly,
                BillingInterval::Annual => &mut after.annual,
            };
            if slot.as_ref().map(|price| price.minor) == wanted.map(|wanted| wanted.minor) {
                continue;
            }
            if let Some(old) = slot.take() {
                self.gateway.archive_price(&old.id, &Key::new("archive-price", &old.id)).await?;
            }
            if let Some(wanted) = wanted {
                let new = NewPrice {
                    product: &product,
                    minor: wanted.minor,
                    currency: wanted.currency.code(),
                    interval: match interval {
                        BillingInterval::Monthly => Interval::Month,
                        BillingInterval::Annual => Interval::Year,
                    },
                    plan_id: &id,
                };
                let key = Key::new("price", format_args!("{id}:{}:{}", name(interval), plan.revision));
                let made = self.gateway.create_price(&new, &key).await?;
                *slot = Some(GatewayPrice { id: made.id, minor: wanted.minor });
            }
        }
        if after == *plan {
            return Ok(Some(after));
        }
        Ok(self.store.plans().set_gateway(&after).await?.then_some(after))
    }
}
