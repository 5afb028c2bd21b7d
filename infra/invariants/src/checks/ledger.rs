//! Invariant 1: each set of entries sums to zero and is well-formed; balances, and what creators earned, are recounts of the sets.

use std::collections::BTreeMap;

use domain::commerce::{Account, Amount, Currency, LedgerEvent};
use jiff::tz::TimeZone;
use kernel::{Id, id::kinds};
use store::entities::{
    StoredSet,
    commerce::{RevenueMonth, revenue::Sums},
};

use crate::{Books, Circumstances, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, circumstances: &Circumstances, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Ledger, findings };
    for stored in &books.sets {
        form(stored, &mut notes);
        on_time(stored, circumstances, &mut notes);
    }
    balances(books, &mut notes);
    months(books, &mut notes);
}

fn form(stored: &StoredSet, notes: &mut Notes<'_>) {
    let set = &stored.set;
    if let Err(error) = set.verify() {
        notes.note(set.id(), format!("{error} ({})", set.currency()));
    }
    notes.demand(!set.is_empty(), set.id(), "it has no entries");
    let kind = set.id().split(':').next().unwrap_or_default();
    let expected: &[&str] = match set.event() {
        LedgerEvent::Sale => &["sale"],
        LedgerEvent::SubscriptionIncome => &["income"],
        LedgerEvent::Refund | LedgerEvent::SubscriptionRefund | LedgerEvent::LateMoneyReturned => &["refund"],
        LedgerEvent::DisputeOpened => &["dispute_opened"],
        LedgerEvent::DisputeWon => &["dispute_closed"],
        LedgerEvent::DisputeLost => &["dispute_closed", "dispute_excess"],
        LedgerEvent::LateMoney => &["late"],
        LedgerEvent::GatewayFee => &["fee"],
    };
    notes.demand(expected.contains(&kind), set.id(), format!("it is the set of a {:?}", set.event()));
    // What it says of courses is what it says of their creators.
    let mut creators: BTreeMap<Id<kinds::User>, i64> = BTreeMap::new();
    for earning in &stored.earnings {
        *creators.entry(earning.creator_id).or_default() += earning.creator_minor;
    }
    for entry in set.entries() {
        if let Account::CreatorPayable(creator) = entry.account {
            let earned = creators.remove(&creator).unwrap_or_default();
            notes.same(set.id(), &format!("what {creator} earns by course"), earned, -entry.minor);
        }
    }
    for (creator, earned) in creators {
        notes.same(set.id(), &format!("what {creator} earns by course"), earned, 0);
    }
}

fn on_time(stored: &StoredSet, circumstances: &Circumstances, notes: &mut Notes<'_>) {
    let set = &stored.set;
    for (what, done, due) in [
        ("added to the balances", stored.posted_at, true),
        ("added to the creators' months", stored.counted_at, !stored.earnings.is_empty()),
    ] {
        match done {
            Some(at) => {
                notes.demand(
                    at >= set.occurred_at(),
                    set.id(),
                    format!("it was {what} at {at}, before it happened"),
                );
            }
            None => {
                let late = circumstances
                    .posting_time
                    .is_some_and(|time| circumstances.now.duration_since(set.occurred_at()) > time);
                notes.demand(
                    !late || !due,
                    set.id(),
                    format!("it was not {what} since {}", set.occurred_at()),
                );
            }
        }
    }
}

fn balances(books: &Books, notes: &mut Notes<'_>) {
    let mut recount: BTreeMap<(Account, Currency), i128> = BTreeMap::new();
    for stored in books.sets.iter().filter(|stored| stored.posted_at.is_some()) {
        for entry in stored.set.entries() {
            *recount.entry((entry.account, stored.set.currency())).or_default() += i128::from(entry.minor);
        }
    }
    for balance in &books.balances {
        let expected = recount.remove(&(balance.account, balance.currency)).unwrap_or_default();
        if i128::from(balance.minor) != expected {
            let stored = Amount::new(balance.minor, balance.currency);
            let what = format!("its balance is {stored}, the recount gives {expected} minor units");
            notes.note(balance.account, what);
        }
    }
    for ((account, currency), expected) in recount {
        notes.demand(
            expected == 0,
            account,
            format!("it has no balance in {currency}, the recount gives {expected}"),
        );
    }
}

/// Sums by day and by course.
#[derive(Debug, Default, PartialEq, Eq)]
struct Month {
    days: BTreeMap<i8, Sums>,
    courses: BTreeMap<Id<kinds::Course>, Sums>,
}

fn months(books: &Books, notes: &mut Notes<'_>) {
    let mut recount: BTreeMap<(Id<kinds::User>, Currency, String), Month> = BTreeMap::new();
    for stored in books.sets.iter().filter(|stored| stored.counted_at.is_some()) {
        let set = &stored.set;
        let date = set.occurred_at().to_zoned(TimeZone::UTC).date();
        let is_sale = set.event() == LedgerEvent::Sale;
        for earning in &stored.earnings {
            let key = (earning.creator_id, set.currency(), RevenueMonth::month_of(date));
            let month = recount.entry(key).or_default();
            let of_course = month.courses.entry(earning.course_id).or_default();
            for sums in [month.days.entry(date.day()).or_default(), of_course] {
                sums.sales += i64::from(is_sale);
                sums.refunds += i64::from(!is_sale);
                sums.net_minor += earning.net_minor;
                sums.creator_minor += earning.creator_minor;
            }
        }
    }
    for month in &books.months {
        let key = (month.creator_id, month.currency, month.month.clone());
        let expected = recount.remove(&key).unwrap_or_default();
        let stored = Month { days: month.days(), courses: month.courses() };
        notes.same(format!("earnings of {} in {} {}", key.0, key.2, key.1), "the month", stored, expected);
    }
    for ((creator, currency, month), expected) in recount {
        let what = format!("there is no month, the recount gives {expected:?}");
        notes.note(format!("earnings of {creator} in {month} {currency}"), what);
    }
}
