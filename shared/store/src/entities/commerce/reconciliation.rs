//! What the daily comparison of the gateway's books with the ledger has found.

use domain::commerce::Currency;
use jiff::civil::Date;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Consistency, Entity, Key, Store, StoreError, Table};

/// Most differences that a report lists. It bounds the item.
pub const DIFFERENCES_MAX: usize = 500;

/// Something that the gateway and the ledger say differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The gateway's number of what moved the money, or the ledger's set where the gateway has nothing.
    pub source: String,
    /// What it is about, such as `charge`, `fee`, `refund`.
    pub kind: String,
    /// The currency.
    pub currency: Currency,
    /// What the gateway says, in minor units; none where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_minor: Option<i64>,
    /// What the ledger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_minor: Option<i64>,
}

/// The comparison of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// The day, UTC.
    pub date: Date,
    /// Rows of the gateway that were compared.
    pub rows: u64,
    /// Sets of the ledger that were compared.
    pub sets: u64,
    /// How many differences there are.
    pub difference_count: u64,
    /// The first [`DIFFERENCES_MAX`] of them.
    pub differences: Vec<Difference>,
    /// When it was made.
    pub made_at: Timestamp,
}

impl Reconciliation {
    /// The key of a day's.
    pub fn key_of(date: Date) -> Key {
        Key::new(format!("RECONCILIATION#{date}"), "REPORT")
    }
}

impl Entity for Reconciliation {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "reconciliation";

    fn key(&self) -> Key {
        Self::key_of(self.date)
    }
}

impl Store {
    /// Writes the comparison of a day; one that is made again replaces the one before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_reconciliation(&self, report: &Reconciliation) -> Result<(), StoreError> {
        self.put(report).await
    }

    /// The comparison of a day: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reconciliation(&self, date: Date) -> Result<Option<Reconciliation>, StoreError> {
        self.get(Reconciliation::key_of(date), Consistency::Strong).await
    }
}
