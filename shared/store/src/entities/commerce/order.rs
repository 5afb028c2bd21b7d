//! Purchases (seed 001 §3.2, §4.5): one item holds an order with its lines.
//!
//! Every change of an order is one transaction on the condition of its version ([`Order::moved`]): its state, its place in the index of
//! its buyer's orders, the buyer's counts, and all that the change brings with it.

mod close;
mod create;
mod dispute;
mod grant;
mod refund;
mod settle;
mod take_back;

use std::collections::BTreeMap;

use domain::commerce::{
    Amount, Currency, Line, OrderNumber, OrderStatus, PaymentMethod, PromoCode, ledger::Of,
    payment::BillingAddress,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use close::Closed;
pub use create::{Created, NewOrder};
pub use dispute::DisputeOutcome;
pub use refund::{Refund, RefundLine, RefundRequest, RefundStatus, Refunding};
pub use settle::{Captured, Settled, Settlement};

use super::reminder::{Reminder, ReminderKind};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    Update,
};

/// A purchase. The user is part of its key: nobody reads another's by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Identifier.
    pub id: Id<kinds::Order>,
    /// Who buys.
    pub user_id: Id<kinds::User>,
    /// The number that people read.
    pub order_number: OrderNumber,
    /// State.
    pub status: OrderStatus,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// Its courses; at most [`domain::commerce::order::LINES_MAX`].
    pub lines: Vec<Line>,
    /// Sum of the prices.
    pub subtotal_minor: i64,
    /// Sum of the discounts.
    pub discount_minor: i64,
    /// Sum of the taxes.
    pub tax_minor: i64,
    /// What is to be paid: the sum of what the lines say.
    pub total_minor: i64,
    /// The promo code that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_code: Option<PromoCode>,
    /// To whom the bill goes.
    pub billing_address: BillingAddress,
    /// The gateway's payment intent, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_id: Option<String>,
    /// The payment that paid it: an intent's number, or the order's own for a bank transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// The gateway's number of the charge (seed 001, transaction_id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_id: Option<String>,
    /// What has gone back of which line for certain, in minor units. Refunds under way are in [`Line::refunded_minor`] alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub returned: BTreeMap<Id<kinds::OrderItem>, i64>,
    /// Lines, from the first, whose courses are granted.
    #[serde(default)]
    pub fulfilled: usize,
    /// Grows by one with every change; conditions compare it.
    pub version: u64,
    /// Until when it can be paid.
    pub pay_by: Timestamp,
    /// Creation.
    pub created_at: Timestamp,
    /// Payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Order {
    /// What the sort keys of orders begin with.
    pub(crate) const PREFIX: &'static str = "ORDER#";

    /// The key of an order of this user.
    pub fn key_of(user: Id<kinds::User>, id: Id<kinds::Order>) -> Key {
        Key::new(super::partition_of_user(user), format!("{}{id}", Self::PREFIX))
    }

    /// The index partition of a user's orders of one state: every write that changes the status sets it too.
    fn status_partition(user: Id<kinds::User>, status: OrderStatus) -> String {
        format!("USER#{user}#ORDERS#{status}")
    }

    /// What is to be paid.
    pub fn total(&self) -> Amount {
        Amount::new(self.total_minor, self.currency)
    }

    /// What the ledger needs to know of it.
    pub fn for_ledger(&self) -> Of<'_> {
        Of { order: self.id, lines: &self.lines, currency: self.currency, method: self.payment_method }
    }

    /// Whether all courses are granted that are paid.
    pub fn is_fulfilled(&self) -> bool {
        self.fulfilled >= self.lines.len()
    }

    /// What must hold when an order is changed that was read.
    fn unchanged(&self) -> Condition {
        Condition::equals("version", self.version)
    }

    /// The order one version on, to be changed and put.
    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }

    /// The reminder that its time to be paid ends.
    fn unpaid_reminder(&self) -> Reminder {
        Reminder::of(ReminderKind::Unpaid, self, self.pay_by)
    }

    /// The reminder that some of its courses are still to be granted.
    fn unfulfilled_reminder(&self) -> Reminder {
        Reminder::of(ReminderKind::Unfulfilled, self, self.completed_at.unwrap_or(self.created_at))
    }
}

impl Entity for Order {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "order";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![
            IndexKey::new(1, super::partition_of_order(self.id), "ORDER"),
            IndexKey::new(2, Self::status_partition(self.user_id, self.status), self.id.to_string()),
        ]
    }
}

/// Counts of one buyer; they change in the transactions that they count.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BuyerStats {
    /// The buyer.
    pub user_id: Id<kinds::User>,
    /// Orders of any state.
    #[serde(default)]
    pub order_count: u64,
    #[serde(default)]
    orders_pending: i64,
    #[serde(default)]
    orders_paid: i64,
    #[serde(default)]
    orders_failed: i64,
    #[serde(default)]
    orders_cancelled: i64,
    #[serde(default)]
    orders_expired: i64,
    #[serde(default)]
    orders_refunded: i64,
    #[serde(default)]
    orders_partially_refunded: i64,
    #[serde(default)]
    orders_disputed: i64,
}

impl BuyerStats {
    /// The key of a user's counts.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(super::partition_of_user(user), "STATS")
    }

    /// Orders of one state.
    pub fn orders(&self, status: OrderStatus) -> u64 {
        let count = match status {
            OrderStatus::Pending => self.orders_pending,
            OrderStatus::Paid => self.orders_paid,
            OrderStatus::Failed => self.orders_failed,
            OrderStatus::Cancelled => self.orders_cancelled,
            OrderStatus::Expired => self.orders_expired,
            OrderStatus::Refunded => self.orders_refunded,
            OrderStatus::PartiallyRefunded => self.orders_partially_refunded,
            OrderStatus::Disputed => self.orders_disputed,
        };
        u64::try_from(count).unwrap_or_default()
    }

    /// The attribute that counts the orders of one state.
    const fn counter(status: OrderStatus) -> &'static str {
        match status {
            OrderStatus::Pending => "orders_pending",
            OrderStatus::Paid => "orders_paid",
            OrderStatus::Failed => "orders_failed",
            OrderStatus::Cancelled => "orders_cancelled",
            OrderStatus::Expired => "orders_expired",
            OrderStatus::Refunded => "orders_refunded",
            OrderStatus::PartiallyRefunded => "orders_partially_refunded",
            OrderStatus::Disputed => "orders_disputed",
        }
    }

    /// A change of a buyer's counts: an order that goes from one state to another, or is new.
    fn counted(user: Id<kinds::User>, from: Option<OrderStatus>, to: OrderStatus, now: Timestamp) -> Update {
        let update = Update::upsert::<Self>(Self::key_of(user))
            .set("user_id", user)
            .set_if_absent("created_at", now)
            .set("updated_at", now)
            .add(Self::counter(to), 1);
        match from {
            Some(from) => update.add(Self::counter(from), -1),
            None => update.add("order_count", 1),
        }
    }
}

impl Entity for BuyerStats {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "buyer_stats";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// The last number of a series of order numbers. Sixteen series of a year share the orders, so that checkouts of one moment seldom wait for
/// one another; each counts in the transaction that makes the order, so no number of it is missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderCounter {
    /// The year, UTC.
    pub year: i16,
    /// The series.
    pub series: char,
    /// The last number that was given.
    pub last: u32,
}

impl OrderCounter {
    /// The key of a counter.
    pub fn key_of(year: i16, series: char) -> Key {
        Key::new(format!("ORDERNUMBER#{year}#{series}"), "COUNTER")
    }
}

impl Entity for OrderCounter {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "order_counter";

    fn key(&self) -> Key {
        Self::key_of(self.year, self.series)
    }
}

/// What an action of a transaction is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Order,
    Cart,
    Counter,
    Promo,
    PromoOfUser,
    Event,
    Refund,
    Admin,
    Rest,
}

/// Rounds of reading and writing until a change that races others gives up.
const ROUNDS: u32 = 20;

/// The orders.
pub struct Orders<'a>(&'a Store);

impl Store {
    /// The orders.
    pub fn orders(&self) -> Orders<'_> {
        Orders(self)
    }
}

impl Orders<'_> {
    /// An order of this user: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Order>,
    ) -> Result<Option<Order>, StoreError> {
        self.0.get(Order::key_of(user, id), Consistency::Strong).await
    }

    /// An order of whomever, for admins and for events that do not name the buyer: one query of index 1, which may be some milliseconds
    /// behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: Id<kinds::Order>) -> Result<Option<Order>, StoreError> {
        let query = Query::index(1, super::partition_of_order(id)).limit(1);
        Ok(self.0.query(query).await?.items.pop())
    }

    /// The user's orders, the newest first: one query of his partition, strongly consistent; with a status one of index 2, which may be
    /// some milliseconds behind. Reads what it skips.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(
        &self,
        user: Id<kinds::User>,
        status: Option<OrderStatus>,
        start: Option<Position>,
        skip: u32,
        limit: u32,
    ) -> Result<QueryPage<Order>, StoreError> {
        let query = match status {
            None => Query::partition(super::partition_of_user(user)).prefix(Order::PREFIX),
            Some(status) => Query::index(2, Order::status_partition(user, status)),
        };
        self.0.window(query.backward().after(start), skip, limit).await
    }

    /// How many orders the user has: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_of_user(
        &self,
        user: Id<kinds::User>,
        status: Option<OrderStatus>,
    ) -> Result<u64, StoreError> {
        let stats: Option<BuyerStats> = self.0.get(BuyerStats::key_of(user), Consistency::Strong).await?;
        Ok(stats.map_or(0, |stats| status.map_or(stats.order_count, |status| stats.orders(status))))
    }

    /// Writes down which payment intent an order has, with the record of the payment, while it is pending and has no other: one transaction.
    /// Gives the order as it is afterwards; `None` when it is not pending any more or has another intent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attach_intent(
        &self,
        order: &Order,
        payment: &super::Payment,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        let mut after = order.next(now);
        after.intent_id = Some(payment.id.clone());
        let free = Condition::HasNot("intent_id").or(Condition::equals("intent_id", &payment.id));
        let pending = Condition::equals("status", OrderStatus::Pending);
        let transaction = self
            .0
            .transaction()
            .put_when(Part::Order, &after, Some(order.unchanged().and(pending).and(free)))
            .put_new(Part::Rest, payment);
        match transaction.commit().await {
            Ok(()) => Ok(Some(after)),
            Err(crate::TransactionError::Failed { .. }) => {
                let latest = self.get(order.user_id, order.id).await?;
                Ok(latest.filter(|latest| latest.intent_id.as_deref() == Some(payment.id.as_str())))
            }
            Err(crate::TransactionError::Store(error)) => Err(error),
        }
    }
}
