//! What users are told inside the platform, how much of it they have not read, and when what they have not read is mailed to them.
//!
//! Everything of a user lies in one partition. A notification is made in one transaction with a guard, which is named by the event that it
//! tells of, and with the count of its quarter ([`domain::notification::Period`]): an event that is told twice is found by its guard, and
//! the count is exact at every moment, since every change of it is in the transaction of what it counts. Notifications and counts of a
//! quarter end together.

mod digest;
mod preferences;
mod read;

use domain::{
    identity::{Language, UserStatus},
    notification::{Notice, Period},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use digest::{DigestPlan, SHARDS};

use super::user::User;
use crate::{
    Condition, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table, TransactionError,
    Update,
};

/// Something that a user is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Identifier; it begins with the time at which it was made, so that text order is time order.
    pub id: Id<kinds::Notification>,
    /// Who is told.
    pub user_id: Id<kinds::User>,
    /// The event that it tells of.
    pub event_id: Id<kinds::Event>,
    /// What happened.
    pub notice: Notice,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

impl Notification {
    /// What the sort keys begin with.
    const PREFIX: &'static str = "NOTIFICATION#";

    /// The key of a notification.
    pub fn key_of(user: Id<kinds::User>, id: Id<kinds::Notification>) -> Key {
        Key::new(Self::partition(user), format!("{}{id}", Self::PREFIX))
    }

    /// The partition of all that a user is told.
    pub(crate) fn partition(user: Id<kinds::User>) -> String {
        format!("NOTIFICATIONS#{user}")
    }

    /// The index attribute that lists what a user has not read.
    fn unread_partition(user: Id<kinds::User>) -> String {
        format!("UNREAD#{user}")
    }

    /// Above the sort keys in the index of all that was made until this millisecond.
    fn last_of(at: Timestamp) -> String {
        // A UUIDv7 begins with 48 bits of milliseconds (RFC 9562, 5.7).
        let millisecond = u64::try_from(at.as_millisecond()).unwrap_or(0);
        format!("{:08x}-{:04x}-~", millisecond >> 16, millisecond & 0xffff)
    }

    fn period(&self) -> Period {
        Period::of(self.created_at)
    }
}

impl Entity for Notification {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "notification";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let unread = self.read_at.is_none();
        let place = || IndexKey::new(1, Self::unread_partition(self.user_id), self.id.to_string());
        unread.then(place).into_iter().collect()
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.period().ends().as_second())
    }
}

/// Keeps one notification for an event.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct NotificationGuard {
    /// Who was told.
    pub user_id: Id<kinds::User>,
    /// The event.
    pub event_id: Id<kinds::Event>,
    /// When.
    pub created_at: Timestamp,
}

impl Entity for NotificationGuard {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "notification_guard";

    fn key(&self) -> Key {
        Key::new(Notification::partition(self.user_id), format!("EVENT#{}", self.event_id))
    }

    /// With what it guards: months after the last day on which a message can come again (14 days in its queue, 14 among the dead letters).
    fn expires_at(&self) -> Option<i64> {
        Some(Period::of(self.created_at).ends().as_second())
    }
}

/// How many notifications of a quarter a user has not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationCount {
    /// Whose.
    pub user_id: Id<kinds::User>,
    /// The quarter.
    pub period: String,
    /// How many.
    #[serde(default)]
    pub unread: u64,
    /// Grows with every change; who counts anew compares it.
    #[serde(default)]
    pub revision: u64,
    /// When the quarter ends, in seconds since 1970.
    pub expires_at: i64,
}

impl NotificationCount {
    /// The key of a count.
    pub fn key_of(user: Id<kinds::User>, period: Period) -> Key {
        Key::new(Notification::partition(user), format!("UNREAD#{period}"))
    }

    /// The keys of all counts that have not ended: two or three.
    pub fn live_keys(user: Id<kinds::User>, now: Timestamp) -> Vec<Key> {
        Period::live(now).into_iter().map(|period| Self::key_of(user, period)).collect()
    }

    /// What they come to.
    pub fn total(counts: &[Self]) -> u64 {
        counts.iter().map(|count| count.unread).sum()
    }

    /// A change of a count, which is made where there is none.
    fn change(user: Id<kinds::User>, period: Period) -> Update {
        Update::upsert::<Self>(Self::key_of(user, period))
            .set("user_id", user)
            .set("period", period.to_string())
            .set("expires_at", period.ends().as_second())
            .add("revision", 1)
    }
}

impl Entity for NotificationCount {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "notification_count";

    fn key(&self) -> Key {
        Key::new(Notification::partition(self.user_id), format!("UNREAD#{}", self.period))
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at)
    }
}

/// The part of a [`User`] that decides how texts are written for him.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reader {
    /// The user.
    pub id: Id<kinds::User>,
    /// His language.
    #[serde(default)]
    pub language: Language,
    /// His time zone; empty for UTC.
    #[serde(default)]
    pub timezone: String,
}

impl Reader {
    /// What is read of a user for it.
    pub(crate) const ATTRIBUTES: &'static str = "id, language, timezone";
}

impl Entity for Reader {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = User::TYPE;

    fn key(&self) -> Key {
        User::key_of(self.id)
    }
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is made.
    Made,
    /// The event was told before.
    Before,
    /// There is no such account any more, or it is banned.
    Nobody,
}

/// The notifications.
pub struct Notifications<'a>(&'a Store);

impl Store {
    /// The notifications.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications(self)
    }
}

impl Notifications<'_> {
    /// Tells a user of an event once, however often it is asked for: notification, guard and count in one transaction, which checks that
    /// the account is still there, so that nothing is told to who is being erased.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tell(&self, notification: &Notification) -> Result<Told, StoreError> {
        let Notification { user_id, event_id, created_at, .. } = *notification;
        let guard = NotificationGuard { user_id, event_id, created_at };
        let count = NotificationCount::change(user_id, notification.period()).add("unread", 1);
        let there = Condition::one_of("status", [UserStatus::Active, UserStatus::Suspended]);
        let transaction = self
            .0
            .transaction()
            .hot()
            .put_new(Told::Before, &guard)
            .check(Told::Nobody, Table::Identity, User::key_of(user_id), there)
            .put_new(Told::Before, notification)
            .update(Told::Before, count);
        match transaction.commit().await {
            Ok(()) => Ok(Told::Made),
            Err(TransactionError::Failed { label, .. }) => Ok(label),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// A page of a user's notifications, or of those that he has not read, the newest first, without those that have ended: one query. All
    /// of them are read strongly consistently; index 1 lists the unread ones, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(
        &self,
        user: Id<kinds::User>,
        unread: bool,
        now: Timestamp,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<Notification>, StoreError> {
        let query = match unread {
            false => Query::partition(Notification::partition(user)).prefix(Notification::PREFIX),
            true => Query::index(1, Notification::unread_partition(user)),
        };
        let page: QueryPage<Notification> = self.0.window(query.backward().after(start), 0, limit).await?;
        // DynamoDB removes what has ended some time later. The older ones end first, so nothing follows one of them.
        let all = page.items.len();
        let items: Vec<_> = page.items.into_iter().take_while(|one| one.period().ends() > now).collect();
        let next = page.next.filter(|_| items.len() == all);
        Ok(QueryPage { items, next })
    }

    /// Up to `limit` notifications that a user has not read, made after `since` and until `until`, the newest first: one query of index 1,
    /// which reads at most one item more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread_between(
        &self,
        user: Id<kinds::User>,
        since: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let query = Query::index(1, Notification::unread_partition(user));
        let query = query.up_to(Notification::last_of(until)).backward().limit(limit);
        let page: QueryPage<Notification> = self.0.query(query).await?;
        // Keys are ordered by milliseconds; moments are finer.
        let until_then = page.items.into_iter().skip_while(|one| one.created_at > until);
        Ok(until_then.take_while(|one| one.created_at > since).collect())
    }

    /// A user as texts are written for him, and how many notifications he has not read: one batch over two tables, strongly consistent.
    /// `None` when the account is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reader(
        &self,
        user: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Option<(Reader, u64)>, StoreError> {
        let batch =
            self.0.batch().with::<Reader>(User::key_of(user)).only(Table::Identity, Reader::ATTRIBUTES);
        let counts = NotificationCount::live_keys(user, now);
        let found = batch.with_all::<NotificationCount>(counts).read().await?;
        let unread = NotificationCount::total(&found.all()?);
        Ok(found.one::<Reader>()?.map(|reader| (reader, unread)))
    }

    /// How many notifications a user has not read: one batch, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread_count(&self, user: Id<kinds::User>, now: Timestamp) -> Result<u64, StoreError> {
        let keys = NotificationCount::live_keys(user, now);
        let found = self.0.batch().with_all::<NotificationCount>(keys).read().await?;
        Ok(NotificationCount::total(&found.all()?))
    }
}
