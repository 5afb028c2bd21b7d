//! Who is to be mailed what he has not read, and when: an index of those who want it, ordered by time, so that nobody reads all users.
//!
//! The wish stands in the user's preferences; a plan follows from it. One is made in the transaction that turns digests on, and goes in that
//! which turns them off; where they were turned off by the link of a mail, the job that finds the plan due drops it.

use domain::identity::Digest;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Notification, Notifications};
use crate::{Condition, Entity, IndexKey, Key, Query, QueryPage, StoreError, Table, Update};

/// Into how many partitions of the index the plans are spread: thousands are due at the same minute.
pub const SHARDS: u8 = 16;

/// The next digest of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPlan {
    /// Whose.
    pub user_id: Id<kinds::User>,
    /// How often; it is planned anew where the preferences say something else.
    pub frequency: Digest,
    /// When the one before was due, or digests were turned on: what was made until then is in no later one.
    pub since: Timestamp,
    /// When it is due.
    pub due_at: Timestamp,
}

impl DigestPlan {
    /// The key of a user's plan.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(Notification::partition(user), "DIGEST")
    }

    fn shard_partition(shard: u8) -> String {
        format!("DIGESTS#{shard:x}")
    }

    /// Fixed width, so that text order is time order.
    fn place(&self) -> String {
        format!("{:020}#{}", self.due_at.as_millisecond(), self.user_id)
    }

    /// The condition that nobody has changed it.
    fn unchanged(&self) -> Condition {
        Condition::equals("due_at", self.due_at).and(Condition::equals("frequency", self.frequency))
    }
}

impl Entity for DigestPlan {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "digest_plan";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        // The last bits of a UUIDv7 are random.
        let shard = self.user_id.uuid().as_bytes()[15] % SHARDS;
        vec![IndexKey::new(1, Self::shard_partition(shard), self.place())]
    }
}

impl Notifications<'_> {
    /// Up to `limit` plans in a shard (below [`SHARDS`]) that are due, the oldest first: one query of index 1, which may be some
    /// milliseconds behind; who acts on one compares it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_digests(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DigestPlan>, StoreError> {
        let last = format!("{:020}#~", now.as_millisecond());
        let query = Query::index(1, DigestPlan::shard_partition(shard)).up_to(last).limit(limit);
        let page: QueryPage<DigestPlan> = self.0.query(query).await?;
        Ok(page.items)
    }

    /// Plans the next digest in place of this one, unless somebody has changed it: one write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_next_digest(&self, plan: &DigestPlan, next: &DigestPlan) -> Result<(), StoreError> {
        let update = Update::of::<DigestPlan>(plan.key())
            .set("frequency", next.frequency)
            .set("since", next.since)
            .set("due_at", next.due_at)
            .set("gsi1sk", next.place());
        self.0.update_if::<DigestPlan>(update.when(plan.unchanged())).await.map(|_| ())
    }

    /// Drops a plan, unless somebody has changed it: one write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_digest(&self, plan: &DigestPlan) -> Result<(), StoreError> {
        self.0.take_if::<DigestPlan>(plan.key(), plan.unchanged()).await.map(|_| ())
    }
}
