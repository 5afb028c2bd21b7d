//! Payments of subscriptions (seed 003, PaymentTransaction): one record for each invoice of the gateway.

use domain::commerce::{Amount, EntrySet, payment::PaymentStatus};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::Subscriptions;
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, StoreError, Table, Update,
    entities::StoredSet, transaction::happened,
};

/// An invoice of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionInvoice {
    /// The gateway's number.
    pub id: String,
    /// The subscription.
    pub subscription_id: Id<kinds::Subscription>,
    /// Who pays.
    pub user_id: Id<kinds::User>,
    /// The number that people read, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Why it was written, in the gateway's words, such as `subscription_cycle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was paid, or is to be.
    pub amount: Amount,
    /// What of it went back, by refunds and lost disputes, in minor units.
    #[serde(default)]
    pub returned_minor: i64,
    /// State.
    pub status: PaymentStatus,
    /// Tries to collect it.
    #[serde(default)]
    pub attempts: u64,
    /// The gateway's number of the payment intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_id: Option<String>,
    /// The gateway's number of the charge, once its fee is booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_id: Option<String>,
    /// Payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl SubscriptionInvoice {
    /// What the sort keys of invoices begin with.
    const PREFIX: &'static str = "INVOICE#";

    fn partition(subscription: Id<kinds::Subscription>) -> String {
        format!("SUBSCRIPTION#{subscription}")
    }

    /// The key of an invoice of this subscription.
    pub fn key_of(subscription: Id<kinds::Subscription>, id: &str) -> Key {
        Key::new(Self::partition(subscription), format!("{}{id}", Self::PREFIX))
    }

    /// The index partition that lists a user's invoices.
    pub(crate) fn by_user(user: Id<kinds::User>) -> String {
        format!("USER#{user}#INVOICES")
    }

    fn by_intent(intent: &str) -> String {
        format!("INVOICEINTENT#{intent}")
    }

    /// Whether it has paid for a period of the plan. A trial pays nothing, and what a change of plan costs within a period comes in an
    /// invoice of its own, which the gateway calls `manual`.
    pub fn paid_a_period(&self) -> bool {
        let paid = self.status == PaymentStatus::Succeeded && self.amount.minor > 0;
        paid && self.reason.as_deref() != Some("manual")
    }

    /// Whether all that was paid has gone back.
    pub const fn is_returned(&self) -> bool {
        self.amount.minor > 0 && self.returned_minor >= self.amount.minor
    }
}

impl Entity for SubscriptionInvoice {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "subscription_invoice";

    fn key(&self) -> Key {
        Self::key_of(self.subscription_id, &self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        // Three decimals always: without them a whole second would sort after its own fractions.
        let place = format!("{:.3}#{}", self.created_at, self.id);
        let mut places = vec![IndexKey::new(1, Self::by_user(self.user_id), place)];
        places.extend(
            self.intent_id.as_ref().map(|intent| IndexKey::new(2, Self::by_intent(intent), "INVOICE")),
        );
        places
    }
}

impl Subscriptions<'_> {
    /// Writes down that an invoice was paid, with its set of the ledger: one transaction. `false` when it was written down before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoice_paid(
        &self,
        invoice: &SubscriptionInvoice,
        income: &EntrySet,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.0.transaction().put_when("invoice", invoice, Some(not_paid()));
        if !income.is_empty() {
            transaction = transaction.put_new("income", &StoredSet::from(income.clone()));
        }
        happened(transaction.commit().await)
    }

    /// Writes down an invoice that is not paid, or whose collection failed; nothing where it has been paid. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoice_open(&self, invoice: &SubscriptionInvoice) -> Result<bool, StoreError> {
        let fewer = Condition::NotExists.or(Condition::compare("attempts", "<=", invoice.attempts));
        let fewer = fewer.and(not_paid());
        happened(self.0.transaction().put_when("invoice", invoice, Some(fewer)).commit().await)
    }

    /// Writes down the charge of a paid invoice, once the gateway's fee for it is booked. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoice_charged(
        &self,
        invoice: &SubscriptionInvoice,
        charge: &str,
    ) -> Result<(), StoreError> {
        let update =
            Update::of::<SubscriptionInvoice>(invoice.key()).set("charge_id", charge).when(Condition::Exists);
        self.0.update_if::<SubscriptionInvoice>(update).await.map(drop)
    }

    /// Writes down that so much of a paid invoice went back, with the sets of the ledger that say so: one transaction. `false` when one of
    /// them was written before, or something else of the invoice went back since it was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoice_returned(
        &self,
        invoice: &SubscriptionInvoice,
        minor: i64,
        sets: &[EntrySet],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let same = Condition::equals("returned_minor", invoice.returned_minor);
        // Those of before money could go back have no such number.
        let same =
            if invoice.returned_minor == 0 { same.or(Condition::HasNot("returned_minor")) } else { same };
        let update = Update::of::<SubscriptionInvoice>(invoice.key())
            .set("returned_minor", invoice.returned_minor + minor)
            .set("updated_at", now)
            .when(Condition::Exists)
            .when(same);
        let mut transaction = self.0.transaction().update("invoice", update);
        for set in sets {
            transaction = transaction.put_new("set", &StoredSet::from(set.clone()));
        }
        happened(transaction.commit().await)
    }

    /// An invoice of a subscription: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoice(
        &self,
        subscription: Id<kinds::Subscription>,
        id: &str,
    ) -> Result<Option<SubscriptionInvoice>, StoreError> {
        self.0.get(SubscriptionInvoice::key_of(subscription, id), Consistency::Strong).await
    }

    /// The invoices of a subscription, by their numbers at the gateway: one query for each hundred.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoices(
        &self,
        subscription: Id<kinds::Subscription>,
    ) -> Result<Vec<SubscriptionInvoice>, StoreError> {
        let query = Query::partition(SubscriptionInvoice::partition(subscription))
            .prefix(SubscriptionInvoice::PREFIX);
        let items = self.0.query_all(Table::Commerce, query).await?;
        items.into_iter().map(crate::from_item).collect()
    }

    /// The invoice that a payment intent pays: one query of index 2, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoice_of_intent(&self, intent: &str) -> Result<Option<SubscriptionInvoice>, StoreError> {
        let query = Query::index(2, SubscriptionInvoice::by_intent(intent)).limit(1);
        Ok(self.0.query(query).await?.items.pop())
    }

    /// A page of a user's invoices, the newest first: one query of index 1, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invoices_of_user(
        &self,
        user: Id<kinds::User>,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<SubscriptionInvoice>, StoreError> {
        let query = Query::index(1, SubscriptionInvoice::by_user(user)).backward();
        self.0.query(query.after(start).limit(limit)).await
    }
}

/// It has not been paid, as far as is known.
fn not_paid() -> Condition {
    Condition::NotExists.or(Condition::Not(Box::new(Condition::equals("status", PaymentStatus::Succeeded))))
}
