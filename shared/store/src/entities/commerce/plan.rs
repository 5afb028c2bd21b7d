//! Plans that students subscribe to (seed 003, SubscriptionPlan), and what they are called at the gateway.

use std::collections::HashSet;

use domain::commerce::{Amount, BillingInterval, Plan, PlanType, plan::Feature};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Entity, Key, Query, Store, StoreError, Table, TransactionError,
    entities::admin_action::AdminAction, from_item,
};

/// A price at the gateway. It never changes: another amount is another price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayPrice {
    /// The gateway's number of it.
    pub id: String,
    /// Minor units for each interval.
    pub minor: i64,
}

/// A plan as it is stored. Its kind is its key, so that there is at most one of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionPlan {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// The gateway's number of it, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// What new subscribers pay for a month, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<GatewayPrice>,
    /// What new subscribers pay for a year, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual: Option<GatewayPrice>,
    /// The revision whose name the gateway knows.
    #[serde(default)]
    pub named_revision: u64,
    /// Grows by one with every change by an admin.
    pub revision: u64,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// The partition of all plans: there are at most as many as kinds.
const ALL: &str = "PLANS";

impl SubscriptionPlan {
    /// The key of the plan of a kind.
    pub fn key_of(kind: PlanType) -> Key {
        Key::new(ALL, format!("PLAN#{}", kind.name()))
    }

    /// The price at the gateway that is sold for an interval.
    pub const fn gateway_price(&self, interval: BillingInterval) -> Option<&GatewayPrice> {
        match interval {
            BillingInterval::Monthly => self.monthly.as_ref(),
            BillingInterval::Annual => self.annual.as_ref(),
        }
    }

    /// What a new subscription costs, with the gateway's number of the price; none where it can't be paid so, or while the gateway does not
    /// know the price yet.
    pub fn offer(&self, interval: BillingInterval) -> Option<(&str, Amount)> {
        let amount = self.plan.price(interval)?;
        let price = self.gateway_price(interval).filter(|price| price.minor == amount.minor)?;
        Some((&price.id, amount))
    }
}

impl Entity for SubscriptionPlan {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "subscription_plan";

    fn key(&self) -> Key {
        Self::key_of(self.plan.plan_type)
    }
}

/// Whether an admin's change of a plan happened.
#[derive(Clone, Debug)]
pub enum Planned {
    /// It did.
    Done,
    /// There is a plan of this kind.
    TypeTaken(Box<SubscriptionPlan>),
    /// It was changed meanwhile.
    Changed,
    /// The caller is no admin any more.
    NotAdmin,
}

/// The plans.
pub struct Plans<'a>(&'a Store);

impl Store {
    /// The plans.
    pub fn plans(&self) -> Plans<'_> {
        Plans(self)
    }
}

impl Plans<'_> {
    /// All plans, the cheapest month first (seed 003): one query of at most four items.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all(&self) -> Result<Vec<SubscriptionPlan>, StoreError> {
        let mut plans: Vec<SubscriptionPlan> = self.0.query(Query::partition(ALL)).await?.items;
        plans.sort_by_key(|plan| (plan.plan.price_monthly_minor, plan.plan.plan_type));
        Ok(plans)
    }

    /// A plan: one query, as [`Self::all`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Plan>) -> Result<Option<SubscriptionPlan>, StoreError> {
        Ok(self.all().await?.into_iter().find(|plan| plan.plan.id == id))
    }

    /// The plans that cover the courses which are part of plans: one query, as [`Self::all`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn covering_courses(&self) -> Result<HashSet<Id<kinds::Plan>>, StoreError> {
        let plans = self.all().await?.into_iter().map(|one| one.plan);
        Ok(plans.filter(|plan| plan.features.has(Feature::PremiumContent)).map(|plan| plan.id).collect())
    }

    /// Makes a plan as an admin: one transaction with the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, plan: &SubscriptionPlan, action: &AdminAction) -> Result<Planned, StoreError> {
        let transaction = self.0.admin_transaction(action, &[]).put_new("plan", plan);
        match transaction.commit().await {
            Err(TransactionError::Failed { label: "plan", item: Some(item) }) => {
                Ok(Planned::TypeTaken(Box::new(from_item(*item)?)))
            }
            outcome => planned(outcome),
        }
    }

    /// Replaces the plan that was read, as an admin: one transaction with the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        before: &SubscriptionPlan,
        after: &SubscriptionPlan,
        action: &AdminAction,
    ) -> Result<Planned, StoreError> {
        let same = Condition::equals("revision", before.revision);
        let transaction = self.0.admin_transaction(action, &[]).put_when("plan", after, Some(same));
        planned(transaction.commit().await)
    }

    /// Writes down what the gateway calls a plan and its prices; `false` when an admin has changed the plan meanwhile. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_gateway(&self, plan: &SubscriptionPlan) -> Result<bool, StoreError> {
        let same = Condition::equals("revision", plan.revision);
        let transaction = self.0.transaction().put_when("plan", plan, Some(same));
        crate::transaction::happened(transaction.commit().await)
    }
}

fn planned(outcome: Result<(), TransactionError<&'static str>>) -> Result<Planned, StoreError> {
    match outcome {
        Ok(()) => Ok(Planned::Done),
        Err(TransactionError::Failed { label: "admin", .. }) => Ok(Planned::NotAdmin),
        Err(TransactionError::Failed { .. }) => Ok(Planned::Changed),
        Err(TransactionError::Store(error)) => Err(error),
    }
}
