//! The ledger, by double entry: every event moves money from accounts to accounts, so that each set of entries sums to zero.

mod account;
mod events;
#[cfg(test)]
mod tests;

pub use account::{Account, InvalidAccount};
pub use events::*;

use std::collections::BTreeMap;

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::Currency;

/// What a set of entries tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEvent {
    /// An order was paid.
    Sale,
    /// An invoice of a subscription was paid.
    SubscriptionIncome,
    /// Money of an order went back.
    Refund,
    /// Money of a subscription went back.
    SubscriptionRefund,
    /// The buyer's bank took the money back for the time of a dispute.
    DisputeOpened,
    /// The bank gave it back.
    DisputeWon,
    /// The bank kept it.
    DisputeLost,
    /// Money came that no order was waiting for.
    LateMoney,
    /// That money went back.
    LateMoneyReturned,
    /// The gateway kept a fee.
    GatewayFee,
}

/// What a set of entries belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An order.
    Order(Id<kinds::Order>),
    /// A subscription.
    Subscription(Id<kinds::Subscription>),
}

/// A debit (positive) or credit (negative) of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Minor units of the set's currency: debit positive, credit negative, never 0.
    pub minor: i64,
}

/// The entries of one event. Immutable once written; its id is made from the event, so that the event is booked once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntrySet {
    id: String,
    event: LedgerEvent,
    currency: Currency,
    occurred_at: Timestamp,
    subject: Option<Subject>,
    entries: Vec<Entry>,
}

/// A set that must not be written, or one that was corrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The entries don't sum to zero.
    #[error("the entries sum to {0}, not to zero")]
    Unbalanced(i128),
    /// An account has two entries, or one of nothing, or they are not in order.
    #[error("the entries are not one for each account, in order")]
    Malformed,
    /// The amount of an event is negative.
    #[error("an amount is negative")]
    Negative,
    /// A sum is out of range.
    #[error("an amount is out of range")]
    Overflow,
}

impl EntrySet {
    /// Its identifier: kind and identifier of the event, such as `sale:{order}`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it tells of.
    pub const fn event(&self) -> LedgerEvent {
        self.event
    }

    /// Currency of all entries.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// When the event happened.
    pub const fn occurred_at(&self) -> Timestamp {
        self.occurred_at
    }

    /// What it belongs to.
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }

    /// The entries: one for each account, in the order of the accounts.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether nothing was moved, such as by the sale of a free course: there is nothing to write.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of an account, 0 without one.
    pub fn of(&self, account: Account) -> i64 {
        self.entries.iter().find(|entry| entry.account == account).map_or(0, |entry| entry.minor)
    }

    /// Checks the set: what is read back from storage need not be what was written.
    ///
    /// # Errors
    /// [`LedgerError::Unbalanced`] or [`LedgerError::Malformed`].
    pub fn verify(&self) -> Result<(), LedgerError> {
        let sum: i128 = self.entries.iter().map(|entry| i128::from(entry.minor)).sum();
        if sum != 0 {
            return Err(LedgerError::Unbalanced(sum));
        }
        if !self.entries.is_sorted_by(|a, b| a.account < b.account)
            || self.entries.iter().any(|entry| entry.minor == 0)
        {
            return Err(LedgerError::Malformed);
        }
        Ok(())
    }
}

/// Movements of one event. Each takes from one account what it gives to another, so they always sum to zero.
#[derive(Default)]
struct Moves(BTreeMap<Account, i64>);

impl Moves {
    /// Debits one account and credits another; a negative amount does the opposite.
    fn transfer(&mut self, debit: Account, credit: Account, minor: i64) -> Result<&mut Self, LedgerError> {
        for (account, minor) in [(debit, Some(minor)), (credit, minor.checked_neg())] {
            let balance = self.0.entry(account).or_default();
            *balance = minor.and_then(|minor| balance.checked_add(minor)).ok_or(LedgerError::Overflow)?;
        }
        Ok(self)
    }

    /// The set of these movements.
    fn set(
        self,
        id: String,
        event: LedgerEvent,
        currency: Currency,
        occurred_at: Timestamp,
        subject: Option<Subject>,
    ) -> Result<EntrySet, LedgerError> {
        let entries = self.0.into_iter().filter(|(_, minor)| *minor != 0);
        let entries = entries.map(|(account, minor)| Entry { account, minor }).collect();
        let set = EntrySet { id, event, currency, occurred_at, subject, entries };
        set.verify()?;
        Ok(set)
    }
}
