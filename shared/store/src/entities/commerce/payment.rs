//! What the gateway says of payments: one record for each payment intent (seed 001 §3.2), and a marker for each event that was applied.

use domain::commerce::{Amount, OrderNumber, PaymentMethod, payment::PaymentStatus};
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    Update,
};

/// A payment of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payment {
    /// Its number: the payment intent's at the gateway, or the order's for a bank transfer.
    pub id: String,
    /// The order.
    pub order_id: Id<kinds::Order>,
    /// The order's number, for lists.
    pub order_number: OrderNumber,
    /// The buyer.
    pub user_id: Id<kinds::User>,
    /// How.
    pub method: PaymentMethod,
    /// How much, from the order.
    pub amount: Amount,
    /// State.
    pub status: PaymentStatus,
    /// The gateway's number of the charge, once there is one (seed 001, transaction_id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_id: Option<String>,
    /// The gateway's code of the last failure, such as `card_declined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
    /// First attempt.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Payment {
    /// What the sort keys of payments begin with.
    pub(super) const PREFIX: &'static str = "PAYMENT#";

    /// The key of a payment of this order.
    pub fn key_of(order: Id<kinds::Order>, id: &str) -> Key {
        Key::new(super::partition_of_order(order), format!("{}{id}", Self::PREFIX))
    }

    /// The index partition that lists a user's payments.
    pub(crate) fn by_user(user: Id<kinds::User>) -> String {
        format!("USER#{user}#PAYMENTS")
    }

    fn by_intent(id: &str) -> String {
        format!("INTENT#{id}")
    }
}

impl Entity for Payment {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "payment";

    fn key(&self) -> Key {
        Self::key_of(self.order_id, &self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        // Three decimals always: without them a whole second would sort after its own fractions.
        let place = format!("{:.3}#{}", self.created_at, self.id);
        vec![
            IndexKey::new(1, Self::by_user(self.user_id), place),
            IndexKey::new(2, Self::by_intent(&self.id), "PAYMENT"),
        ]
    }
}

/// How long a marker stays: the gateway sends an event again for three days (Stripe, "Webhooks", retries), and a person may send one
/// again from its dashboard for 30.
pub const EVENT_LIFE: SignedDuration = SignedDuration::from_hours(24 * 40);

/// An event of the gateway that was applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GatewayEvent {
    /// The gateway's number of the event.
    pub id: String,
    /// Its type, such as `payment_intent.succeeded`.
    pub kind: String,
    /// When it was applied.
    pub applied_at: Timestamp,
}

impl GatewayEvent {
    /// The key of a marker.
    pub fn key_of(id: &str) -> Key {
        Key::new(format!("EVENT#{id}"), "EVENT")
    }
}

impl Entity for GatewayEvent {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "gateway_event";

    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some((self.applied_at + EVENT_LIFE).as_second())
    }
}

/// The payments.
pub struct Payments<'a>(&'a Store);

impl Store {
    /// The payments.
    pub fn payments(&self) -> Payments<'_> {
        Payments(self)
    }
}

impl Payments<'_> {
    /// The payment of an order with this number: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, order: Id<kinds::Order>, id: &str) -> Result<Option<Payment>, StoreError> {
        self.0.get(Payment::key_of(order, id), Consistency::Strong).await
    }

    /// The payments of an order, by their numbers: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_order(&self, order: Id<kinds::Order>) -> Result<Vec<Payment>, StoreError> {
        let query = Query::partition(super::partition_of_order(order)).prefix(Payment::PREFIX);
        Ok(self.0.query(query).await?.items)
    }

    /// The payment with this intent, whose order is not known: one query of index 2, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_intent(&self, id: &str) -> Result<Option<Payment>, StoreError> {
        Ok(self.0.query(Query::index(2, Payment::by_intent(id)).limit(1)).await?.items.pop())
    }

    /// A page of a user's payments, the newest first: one query of index 1, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(
        &self,
        user: Id<kinds::User>,
        start: Option<Position>,
        skip: u32,
        limit: u32,
    ) -> Result<QueryPage<Payment>, StoreError> {
        let query = Query::index(1, Payment::by_user(user)).backward().after(start);
        self.0.window(query, skip, limit).await
    }

    /// Writes down that an attempt failed; nothing where the payment has succeeded. The order stays open: the buyer may try another card. One
    /// write. `false` when it has succeeded, or there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn failed(
        &self,
        order: Id<kinds::Order>,
        id: &str,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::of::<Payment>(Payment::key_of(order, id))
            .set("status", PaymentStatus::Failed)
            .set("failure_code", code)
            .set("updated_at", now)
            .when(Condition::Exists)
            .when(Condition::Not(Box::new(Condition::equals("status", PaymentStatus::Succeeded))));
        Ok(self.0.update_if::<Payment>(update).await?.is_some())
    }

    /// Whether an event was applied: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applied(&self, event: &str) -> Result<bool, StoreError> {
        let found: Option<GatewayEvent> =
            self.0.get(GatewayEvent::key_of(event), Consistency::Strong).await?;
        Ok(found.is_some())
    }

    /// Marks an event as applied whose effect is no transaction of its own; `false` when it was before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark(&self, event: &GatewayEvent) -> Result<bool, StoreError> {
        Ok(self.0.put_new(event).await?.is_none())
    }
}
