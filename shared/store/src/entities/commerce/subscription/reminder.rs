//! Subscriptions that the billing job must look at, by when: before the hour of a renewal, of a reminder or of an end nothing is to do.
//! A subscription has one reminder at a time; it changes in the transactions that change the subscription.

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::Subscriptions;
use crate::{Entity, Key, Query, StoreError, Table, entities::commerce::reminder::SHARDS, from_item};

/// A reminder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubscriptionReminder {
    /// When.
    pub due_at: Timestamp,
    /// The subscription.
    pub id: Id<kinds::Subscription>,
    /// Whose it is.
    pub user_id: Id<kinds::User>,
}

impl SubscriptionReminder {
    fn partition(shard: u8) -> String {
        format!("REMINDER#SUBSCRIPTION#{shard:x}")
    }
}

impl Entity for SubscriptionReminder {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "subscription_reminder";

    fn key(&self) -> Key {
        // The last bits of a UUIDv7 are random.
        let shard = self.id.uuid().as_bytes()[15] % SHARDS;
        // Fixed width, so that text order is time order.
        Key::new(Self::partition(shard), format!("{:020}#{}", self.due_at.as_millisecond(), self.id))
    }
}

impl Subscriptions<'_> {
    /// Up to `limit` reminders in a shard (below [`SHARDS`]) that are due, the oldest first. One query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<SubscriptionReminder>, StoreError> {
        let last = format!("{:020}#~", now.as_millisecond());
        let query = Query::partition(SubscriptionReminder::partition(shard)).up_to(last).limit(limit);
        let page = self.0.query_items(Table::Commerce, query).await?;
        page.items.into_iter().map(from_item).collect()
    }

    /// Drops a reminder whose subscription has another one, or none. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, reminder: &SubscriptionReminder) -> Result<(), StoreError> {
        self.0.delete(Table::Commerce, reminder.key()).await
    }
}
