//! What creators earn, by day and by course: one item for each creator, currency and month (UTC). It is summed up from the ledger's sets by
//! who reads the table's stream, so that no checkout waits for it.
//!
//! An item has at most 31 days and as many courses as the creator sold in the month, some 200 bytes each: two thousand courses fit.

use std::collections::BTreeMap;

use domain::commerce::{Currency, EntrySet, LedgerEvent, Line, refund::Part, split::Parts};
use jiff::{civil::Date, tz::TimeZone};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::StoredSet;
use crate::{Condition, Entity, Key, Query, Store, StoreError, Table, TransactionError, Update, from_item};

/// Months that one answer covers at most.
pub const MONTHS_MAX: u32 = 12;

/// What a set of the ledger means for one course: positive at a sale, negative when the money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earning {
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Its teacher when it was sold.
    pub creator_id: Id<kinds::User>,
    /// What the buyer paid without tax, in minor units.
    pub net_minor: i64,
    /// The creator's part of it.
    pub creator_minor: i64,
}

impl Earning {
    fn of(line: &Line, parts: Parts, sign: i64) -> Self {
        Self {
            course_id: line.course_id,
            creator_id: line.instructor_id,
            net_minor: sign * (parts.creator + parts.platform),
            creator_minor: sign * parts.creator,
        }
    }
}

impl StoredSet {
    /// The set of a sale, with what each of its courses earns.
    pub(super) fn of_sale(set: EntrySet, lines: &[Line]) -> Self {
        let earnings = lines.iter().map(|line| Earning::of(line, Parts::of_line(line), 1)).collect();
        Self { earnings, ..Self::from(set) }
    }

    /// The set of a refund or a lost dispute, with what each of its courses loses.
    pub(super) fn of_return(set: EntrySet, lines: &[Line], parts: &[Part]) -> Self {
        let earning = |part: &Part| {
            let line = lines.get(part.index)?;
            Some(Earning::of(line, Parts::of_refund(line, part.before, part.after), -1))
        };
        Self { earnings: parts.iter().filter_map(earning).collect(), ..Self::from(set) }
    }
}

/// Sums of some time or course, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Courses sold.
    pub sales: i64,
    /// Refunds and lost disputes of a course, whole or in part.
    pub refunds: i64,
    /// What buyers paid without tax, less what went back.
    pub net_minor: i64,
    /// The creator's part of it.
    pub creator_minor: i64,
}

impl Sums {
    fn add(&mut self, earning: &Earning, is_sale: bool) {
        self.sales += i64::from(is_sale);
        self.refunds += i64::from(!is_sale);
        self.net_minor += earning.net_minor;
        self.creator_minor += earning.creator_minor;
    }

    /// Names and values of its attributes.
    const fn named(&self) -> [(&'static str, i64); 4] {
        [
            ("sales", self.sales),
            ("refunds", self.refunds),
            ("net", self.net_minor),
            ("creator", self.creator_minor),
        ]
    }

    fn set(&mut self, name: &str, value: i64) {
        match name {
            "sales" => self.sales = value,
            "refunds" => self.refunds = value,
            "net" => self.net_minor = value,
            "creator" => self.creator_minor = value,
            _ => {}
        }
    }
}

/// A creator's month in one currency.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevenueMonth {
    /// The creator.
    pub creator_id: Id<kinds::User>,
    /// The currency.
    pub currency: Currency,
    /// The month, such as `2026-06`.
    pub month: String,
    /// Last change.
    pub updated_at: Timestamp,
    /// `day_07_net`, `course_{id}_sales`, …: attributes of their own, since DynamoDB adds to nothing within a map that is not there.
    #[serde(flatten)]
    counted: BTreeMap<String, serde_json::Value>,
}

impl RevenueMonth {
    pub(in crate::entities) fn partition(creator: Id<kinds::User>, currency: Currency) -> String {
        format!("REVENUE#{creator}#{currency}")
    }

    /// The key of a month.
    pub fn key_of(creator: Id<kinds::User>, currency: Currency, month: &str) -> Key {
        Key::new(Self::partition(creator, currency), month)
    }

    /// The month of a day, as keys have it.
    pub fn month_of(date: Date) -> String {
        format!("{:04}-{:02}", date.year(), date.month())
    }

    /// The sums of the days on which something was sold or went back, by day of the month.
    pub fn days(&self) -> BTreeMap<i8, Sums> {
        self.sums("day_")
    }

    /// The sums of the courses of which something was sold or went back.
    pub fn courses(&self) -> BTreeMap<Id<kinds::Course>, Sums> {
        self.sums("course_")
    }

    fn sums<K: Ord + std::str::FromStr>(&self, prefix: &str) -> BTreeMap<K, Sums> {
        let mut all: BTreeMap<K, Sums> = BTreeMap::new();
        for (name, value) in &self.counted {
            let found = name.strip_prefix(prefix).and_then(|rest| rest.rsplit_once('_'));
            let Some((Ok(key), name)) = found.map(|(key, name)| (key.parse::<K>(), name)) else { continue };
            all.entry(key).or_default().set(name, value.as_i64().unwrap_or_default());
        }
        all
    }
}

impl Entity for RevenueMonth {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "revenue_month";

    fn key(&self) -> Key {
        Self::key_of(self.creator_id, self.currency, &self.month)
    }
}

/// What creators earn.
pub struct Revenue<'a>(&'a Store);

impl Store {
    /// What creators earn.
    pub fn revenue(&self) -> Revenue<'_> {
        Revenue(self)
    }
}

impl Revenue<'_> {
    /// Adds what a set means for its courses to the months of their creators, in one transaction on the condition that it was not before;
    /// `false` when it was, or when it means nothing. An order has at most 50 courses, so at most 51 actions.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self, stored: &StoredSet, now: Timestamp) -> Result<bool, StoreError> {
        if stored.earnings.is_empty() {
            return Ok(false);
        }
        let set = &stored.set;
        let date = set.occurred_at().to_zoned(TimeZone::UTC).date();
        let (month, is_sale) = (RevenueMonth::month_of(date), set.event() == LedgerEvent::Sale);
        let counted = Update::of::<StoredSet>(StoredSet::key_of(set.id()))
            .set("counted_at", now)
            .when(Condition::Exists)
            .when(Condition::HasNot("counted_at"));
        let mut transaction = self.0.transaction().hot().update("set", counted);
        let mut creators: BTreeMap<Id<kinds::User>, BTreeMap<String, Sums>> = BTreeMap::new();
        for earning in &stored.earnings {
            let of_creator = creators.entry(earning.creator_id).or_default();
            for what in [format!("day_{:02}", date.day()), format!("course_{}", earning.course_id)] {
                of_creator.entry(what).or_default().add(earning, is_sale);
            }
        }
        for (creator, sums) in creators {
            let mut update =
                Update::upsert::<RevenueMonth>(RevenueMonth::key_of(creator, set.currency(), &month))
                    .set("creator_id", creator)
                    .set("currency", set.currency())
                    .set("month", &month)
                    .set("updated_at", now);
            for (what, sums) in sums {
                let changes = sums.named().into_iter().filter(|(_, by)| *by != 0);
                update = changes.fold(update, |update, (name, by)| update.add(format!("{what}_{name}"), by));
            }
            transaction = transaction.update("month", update);
        }
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// A creator's months from `first` to `last` (such as `2026-06`), at most [`MONTHS_MAX`], the newest first. One query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn months(
        &self,
        creator: Id<kinds::User>,
        currency: Currency,
        (first, last): (&str, &str),
    ) -> Result<Vec<RevenueMonth>, StoreError> {
        let query = Query::partition(RevenueMonth::partition(creator, currency));
        let query = query.up_to(last).backward().limit(MONTHS_MAX);
        let page = self.0.query_items(Table::Commerce, query).await?;
        let months: Result<Vec<RevenueMonth>, _> =
            page.items.into_iter().map(from_item::<RevenueMonth>).collect();
        Ok(months?.into_iter().filter(|month| month.month.as_str() >= first).collect())
    }
}
