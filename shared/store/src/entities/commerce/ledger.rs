//! The ledger: sets of entries, which never change, and the balances of accounts, which follow them.
//!
//! A set is written in the transaction of its event. The table's stream brings it to who adds it to the balances
//! ([`LedgerSets::post`]), so that no checkout waits for an account which all of them share.

use domain::commerce::{Account, Currency, EntrySet, Subject};
use jiff::{civil::Date, tz::TimeZone};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::revenue::Earning;
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update,
};

/// Partitions of a day in the index of sets: the sales of one moment go to different ones.
pub const SHARDS: u8 = 16;

/// A set of entries as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredSet {
    /// The set.
    #[serde(flatten)]
    pub set: EntrySet,
    /// What it means for the creators, by course.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earnings: Vec<Earning>,
    /// When it was added to the balances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posted_at: Option<Timestamp>,
    /// When what it means for the creators was added to their months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<Timestamp>,
}

impl StoredSet {
    /// The key of a set.
    pub fn key_of(id: &str) -> Key {
        Key::new(format!("LEDGER#{id}"), "SET")
    }

    fn of_day(date: Date, shard: u8) -> String {
        format!("LEDGER#{date}#{shard:x}")
    }

    fn of_subject(subject: Subject) -> String {
        match subject {
            Subject::Order(id) => format!("LEDGER#ORDER#{id}"),
            Subject::Subscription(id) => format!("LEDGER#SUBSCRIPTION#{id}"),
        }
    }
}

impl From<EntrySet> for StoredSet {
    fn from(set: EntrySet) -> Self {
        Self { set, earnings: Vec::new(), posted_at: None, counted_at: None }
    }
}

impl Entity for StoredSet {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "ledger_set";

    fn key(&self) -> Key {
        Self::key_of(self.set.id())
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let (id, at) = (self.set.id(), self.set.occurred_at());
        let shard = id.bytes().fold(0u8, u8::wrapping_add) % SHARDS;
        let day = Self::of_day(at.to_zoned(TimeZone::UTC).date(), shard);
        // Three decimals always: without them a whole second would sort after its own fractions.
        let place = format!("{at:.3}#{id}");
        let mut places = vec![IndexKey::new(1, day, place.clone())];
        places.extend(self.set.subject().map(|subject| IndexKey::new(2, Self::of_subject(subject), place)));
        places
    }
}

/// What an account has in one currency: the sum of its entries, debits positive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    #[serde(default)]
    pub minor: i64,
    /// Last set that was added.
    pub updated_at: Timestamp,
}

impl Balance {
    /// The key of a balance.
    pub fn key_of(account: Account, currency: Currency) -> Key {
        Key::new(format!("ACCOUNT#{account}"), format!("BALANCE#{currency}"))
    }
}

impl Entity for Balance {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "balance";

    fn key(&self) -> Key {
        Self::key_of(self.account, self.currency)
    }
}

/// The ledger.
pub struct LedgerSets<'a>(&'a Store);

impl Store {
    /// The ledger.
    pub fn ledger(&self) -> LedgerSets<'_> {
        LedgerSets(self)
    }
}

impl LedgerSets<'_> {
    /// A set by its id: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: &str) -> Result<Option<StoredSet>, StoreError> {
        self.0.get(StoredSet::key_of(id), Consistency::Strong).await
    }

    /// Writes a set whose event changes nothing else; `false` when it was written before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(&self, set: &EntrySet) -> Result<bool, StoreError> {
        Ok(self.0.put_new(&StoredSet::from(set.clone())).await?.is_none())
    }

    /// Adds a set to the balances of its accounts, in one transaction on the condition that it was not before; `false` when it was. An order
    /// of 50 lines has at most 53 accounts, so it fits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn post(&self, set: &EntrySet, now: Timestamp) -> Result<bool, StoreError> {
        let posted = Update::of::<StoredSet>(StoredSet::key_of(set.id()))
            .set("posted_at", now)
            .when(Condition::Exists)
            .when(Condition::HasNot("posted_at"));
        let mut transaction = self.0.transaction().hot().update("set", posted);
        for entry in set.entries() {
            let key = Balance::key_of(entry.account, set.currency());
            let balance = Update::upsert::<Balance>(key)
                .set("account", entry.account)
                .set("currency", set.currency())
                .set("updated_at", now)
                .add("minor", entry.minor);
            transaction = transaction.update("balance", balance);
        }
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// A page of the sets of a day (UTC) in a shard (below [`SHARDS`]), the oldest first: one query of index 1, which may be some
    /// milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_day(
        &self,
        date: Date,
        shard: u8,
        start: Option<Position>,
    ) -> Result<QueryPage<StoredSet>, StoreError> {
        self.0.query(Query::index(1, StoredSet::of_day(date, shard)).after(start)).await
    }

    /// The sets of an order or a subscription, the oldest first, at most a hundred: one query of index 2, which may be some milliseconds
    /// behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_subject(&self, subject: Subject) -> Result<Vec<StoredSet>, StoreError> {
        Ok(self.0.query(Query::index(2, StoredSet::of_subject(subject))).await?.items)
    }

    /// What an account has, in minor units, debits positive: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn balance(&self, account: Account, currency: Currency) -> Result<i64, StoreError> {
        let found: Option<Balance> =
            self.0.get(Balance::key_of(account, currency), Consistency::Strong).await?;
        Ok(found.map_or(0, |balance| balance.minor))
    }
}
