//! Things of commerce that the billing job must look at, by when: unpaid orders whose time ends, large orders whose last courses are still
//! to be granted, and refunds that the gateway has not answered for certain. A reminder is written in the transaction that begins the thing and deleted in the one that ends it.

use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::order::{Order, Refund};
use crate::{Entity, Key, Query, Store, StoreError, Table, from_item};

/// What to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReminderKind {
    /// An order that expires unless it is paid.
    Unpaid,
    /// A paid order whose courses are not all granted yet.
    Unfulfilled,
    /// A refund that the gateway has not answered for certain.
    Refund,
}

impl ReminderKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "UNPAID",
            Self::Unfulfilled => "UNFULFILLED",
            Self::Refund => "REFUND",
        }
    }
}

/// Partitions of each kind: checkouts of one moment write to different ones.
pub const SHARDS: u8 = 16;

/// A reminder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reminder {
    /// What to look at.
    pub kind: ReminderKind,
    /// When.
    pub due_at: Timestamp,
    /// The order.
    pub order_id: Id<kinds::Order>,
    /// Its buyer.
    pub user_id: Id<kinds::User>,
    /// The refund, for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<Id<kinds::Refund>>,
}

/// When a refund that is still open is looked at: the request that began it has ended by then, and its client may have asked again.
const REFUND_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

impl Reminder {
    /// The reminder of an order.
    pub(super) fn of(kind: ReminderKind, order: &Order, due_at: Timestamp) -> Self {
        Self { kind, due_at, order_id: order.id, user_id: order.user_id, refund_id: None }
    }

    /// The reminder of a refund.
    pub(super) fn of_refund(refund: &Refund) -> Self {
        Self {
            kind: ReminderKind::Refund,
            due_at: refund.created_at + REFUND_PATIENCE,
            order_id: refund.order_id,
            user_id: refund.user_id,
            refund_id: Some(refund.id),
        }
    }

    fn partition(kind: ReminderKind, shard: u8) -> String {
        format!("REMINDER#{}#{shard:x}", kind.name())
    }
}

impl Entity for Reminder {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "commerce_reminder";

    fn key(&self) -> Key {
        // The last bits of a UUIDv7 are random.
        let shard = self.order_id.uuid().as_bytes()[15] % SHARDS;
        // Fixed width, so that text order is time order.
        let thing = self.refund_id.map_or_else(|| self.order_id.to_string(), |refund| refund.to_string());
        let place = format!("{:020}#{thing}", self.due_at.as_millisecond());
        Key::new(Self::partition(self.kind, shard), place)
    }
}

/// The reminders.
pub struct Reminders<'a>(&'a Store);

impl Store {
    /// The reminders of the billing job.
    pub fn reminders(&self) -> Reminders<'_> {
        Reminders(self)
    }
}

impl Reminders<'_> {
    /// Up to `limit` reminders of a kind in a shard (below [`SHARDS`]) that are due, the oldest first. One query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(
        &self,
        kind: ReminderKind,
        shard: u8,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Reminder>, StoreError> {
        let last = format!("{:020}#~", now.as_millisecond());
        let query = Query::partition(Reminder::partition(kind, shard)).up_to(last).limit(limit);
        let page = self.0.query_items(Table::Commerce, query).await?;
        page.items.into_iter().map(from_item).collect()
    }

    /// Drops a reminder whose order needs nothing any more. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn done(&self, reminder: &Reminder) -> Result<(), StoreError> {
        self.0.delete(Table::Commerce, reminder.key()).await
    }
}
