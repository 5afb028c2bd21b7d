//! Notifications are read, and counted anew.

use std::collections::BTreeMap;

use domain::notification::Period;
use kernel::{Id, Timestamp, id::kinds};

use super::{Notification, NotificationCount, Notifications};
use crate::{
    Condition, Entity as _, Key, Query, QueryPage, StoreError, Table, TransactionError, Update, from_item,
    transaction::wait_for_turn,
};

/// Notifications that one transaction marks: with the counts of its quarters, at most three, it stays below DynamoDB's hundred
/// actions.
const BATCH: usize = 96;
/// Batches that one request marks.
const BATCHES: usize = 5;
/// Rounds of reading and writing until a change that races others gives up.
const ROUNDS: u32 = 20;

/// Which condition of a transaction did not hold.
#[derive(Clone, Copy, Debug)]
enum Part {
    Notification,
    Count,
}

impl Notifications<'_> {
    /// Marks notifications of a user as read, those of these that exist and are not: for each 96 of them a batch of reads and a
    /// transaction with the counts, again when another one marked some of them in between.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many others mark them that this one finds no gap.
    pub async fn mark_read(
        &self,
        user: Id<kinds::User>,
        ids: &[Id<kinds::Notification>],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        // A transaction that names an item twice is refused.
        ids.dedup();
        for chunk in ids.chunks(BATCH) {
            let keys = chunk.iter().map(|id| Notification::key_of(user, *id));
            self.mark(user, &keys.collect::<Vec<_>>(), now).await?;
        }
        Ok(())
    }

    /// Marks what a user has not read and was made until this moment, the oldest first: a query of index 1 for each 96 of them, and then as
    /// [`Notifications::mark_read`]. Gives whether more is left than one call marks (480).
    ///
    /// # Errors
    /// As [`Notifications::mark_read`].
    pub async fn mark_read_until(
        &self,
        user: Id<kinds::User>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let query = Query::index(1, Notification::unread_partition(user));
        let mut query =
            query.up_to(Notification::last_of(until)).limit(u32::try_from(BATCH).unwrap_or(u32::MAX));
        for _ in 0..BATCHES {
            let page: QueryPage<Notification> = self.0.query(query.clone()).await?;
            let keys: Vec<_> = page.items.iter().map(Notification::key).collect();
            if !keys.is_empty() {
                self.mark(user, &keys, now).await?;
            }
            match page.next {
                Some(next) => query = query.after(Some(next)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Marks at most [`BATCH`] notifications.
    async fn mark(&self, user: Id<kinds::User>, keys: &[Key], now: Timestamp) -> Result<(), StoreError> {
        for round in 0..ROUNDS {
            let found: Vec<Notification> = self.0.get_all(keys.to_vec()).await?;
            let unread = found.into_iter().filter(|one| one.read_at.is_none() && one.period().ends() > now);
            let mut transaction = self.0.transaction();
            let mut by_period: BTreeMap<Period, i64> = BTreeMap::new();
            for one in unread {
                *by_period.entry(one.period()).or_default() += 1;
                let update = Update::of::<Notification>(one.key()).set("read_at", now);
                let update = update.remove("gsi1pk").remove("gsi1sk").when(Condition::Exists);
                transaction =
                    transaction.update(Part::Notification, update.when(Condition::HasNot("read_at")));
            }
            if by_period.is_empty() {
                return Ok(());
            }
            for (period, number) in by_period {
                let enough = Condition::compare("unread", ">=", number);
                let update = NotificationCount::change(user, period).add("unread", -number).when(enough);
                transaction = transaction.update(Part::Count, update);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(()),
                Err(TransactionError::Failed { label: Part::Notification, .. }) => wait_for_turn(round).await,
                // Something has damaged the count: it never goes below zero, and is right again after this.
                Err(TransactionError::Failed { label: Part::Count, .. }) => {
                    self.recount(user, now).await?;
                }
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Counts anew what a user has not read, and writes the counts, each only if nothing has changed it since it was read. Gives the
    /// number. Reads all of the user's partition, and again after a change; a person asks for it, or a count that was found to be wrong.
    ///
    /// # Errors
    /// As [`Notifications::mark_read`].
    pub async fn recount(&self, user: Id<kinds::User>, now: Timestamp) -> Result<u64, StoreError> {
        'again: for round in 0..ROUNDS {
            // The counts before what they count: a change in between is seen by their revisions.
            let counts = NotificationCount::live_keys(user, now);
            let found = self.0.batch().with_all::<NotificationCount>(counts).read().await?;
            let known: BTreeMap<String, u64> = found
                .all::<NotificationCount>()?
                .into_iter()
                .map(|count| (count.period, count.revision))
                .collect();
            let mut unread: BTreeMap<Period, i64> =
                Period::live(now).into_iter().map(|period| (period, 0)).collect();
            let query = Query::partition(Notification::partition(user)).prefix(Notification::PREFIX);
            for item in self.0.query_all(Table::Social, query).await? {
                let one: Notification = from_item(item)?;
                if one.read_at.is_none()
                    && let Some(number) = unread.get_mut(&one.period())
                {
                    *number += 1;
                }
            }
            for (period, number) in &unread {
                let revision = known.get(&period.to_string()).copied();
                if *number == 0 && revision.is_none() {
                    continue;
                }
                let same =
                    revision.map_or(Condition::NotExists, |known| Condition::equals("revision", known));
                let update = NotificationCount::change(user, *period).set("unread", number).when(same);
                if self.0.update_if::<NotificationCount>(update).await?.is_none() {
                    wait_for_turn(round).await;
                    continue 'again;
                }
            }
            return Ok(unread.values().map(|number| u64::try_from(*number).unwrap_or(0)).sum());
        }
        Err(StoreError::Throttled)
    }
}
