//! Which movement of the gateway is which set of the ledger. Pure: lists in, differences out.

use std::collections::BTreeSet;

use domain::commerce::{Account, Currency, EntrySet, LedgerEvent};
use kernel::Timestamp;
use store::entities::commerce::reconciliation::Difference;

use super::currency;

/// How the identifiers of sets begin that book a refund which came back: of a card, and of another way to pay.
const RETURNED: [&str; 2] = ["late:re_", "late:pyr_"];

/// What moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Money came.
    Payment,
    /// Money went back.
    Refund,
    /// A bank took money, or gave it back.
    Dispute,
    /// Anything else of the gateway's.
    Other,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Other => "other",
        }
    }

    /// What a set tells of; `None` where it moves nothing at the gateway, or a fee, which is compared by itself.
    pub(super) fn of_set(set: &EntrySet) -> Option<Self> {
        if set.of(Account::GatewayClearing) == 0 {
            return None;
        }
        match set.event() {
            // What a bank could not take comes back as a movement of the refund.
            LedgerEvent::LateMoney if RETURNED.iter().any(|start| set.id().starts_with(start)) => {
                Some(Self::Refund)
            }
            LedgerEvent::Sale | LedgerEvent::SubscriptionIncome | LedgerEvent::LateMoney => {
                Some(Self::Payment)
            }
            LedgerEvent::Refund | LedgerEvent::SubscriptionRefund | LedgerEvent::LateMoneyReturned => {
                Some(Self::Refund)
            }
            LedgerEvent::DisputeOpened | LedgerEvent::DisputeWon | LedgerEvent::DisputeLost => {
                Some(Self::Dispute)
            }
            LedgerEvent::GatewayFee => None,
        }
    }
}

/// What a set says that the gateway has moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booked {
    kind: Kind,
    minor: i64,
    currency: Currency,
    of_day: bool,
}

impl Booked {
    /// Of a set; `None` as for [`Kind::of_set`]. What was booked after the day may be what the gateway moved on it.
    pub(super) fn of(set: &EntrySet, start: Timestamp, end: Timestamp) -> Option<Self> {
        let kind = Kind::of_set(set)?;
        let of_day = (start..end).contains(&set.occurred_at());
        Some(Self { kind, minor: set.of(Account::GatewayClearing), currency: set.currency(), of_day })
    }
}

/// Compares what moved for a subject with what is booked for it. Equal amounts of a kind belong together; what is left of the day must have
/// equal sums, since one refund may be booked in parts.
pub(super) fn compare<'r>(
    name: &str,
    rows: impl Iterator<Item = (Kind, i64, bool, &'r str)>,
    booked: &[Booked],
) -> Vec<Difference> {
    let mut sets = booked.to_vec();
    let mut rest = Vec::new();
    for (kind, minor, of_day, code) in rows {
        let currency = currency(code);
        let same = |set: &Booked| (set.kind, set.minor, set.currency) == (kind, minor, currency);
        match sets.iter().position(same) {
            Some(index) => drop(sets.swap_remove(index)),
            None => rest.push((kind, minor, of_day, currency)),
        }
    }
    let kinds: BTreeSet<(Kind, &str)> = rest
        .iter()
        .filter(|row| row.2)
        .map(|row| (row.0, row.3.code()))
        .chain(sets.iter().filter(|set| set.of_day).map(|set| (set.kind, set.currency.code())))
        .collect();
    let mut differences = Vec::new();
    for (kind, code) in kinds {
        let rows: Vec<i64> =
            rest.iter().filter(|row| (row.0, row.3.code()) == (kind, code)).map(|row| row.1).collect();
        let sets: Vec<i64> = sets
            .iter()
            .filter(|set| (set.kind, set.currency.code()) == (kind, code))
            .map(|set| set.minor)
            .collect();
        let sum = |all: &[i64]| (!all.is_empty()).then(|| all.iter().sum::<i64>());
        let (gateway_minor, ledger_minor) = (sum(&rows), sum(&sets));
        if gateway_minor.unwrap_or(0) != ledger_minor.unwrap_or(0) {
            differences.push(Difference {
                source: name.to_owned(),
                kind: kind.name().into(),
                currency: currency(code),
                gateway_minor,
                ledger_minor,
            });
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    const USD: &str = "USD";

    fn booked(kind: Kind, minor: i64) -> Booked {
        Booked { kind, minor, currency: Currency::USD, of_day: true }
    }

    fn differences(rows: &[(Kind, i64)], sets: &[Booked]) -> Vec<(Option<i64>, Option<i64>)> {
        let rows = rows.iter().map(|(kind, minor)| (*kind, *minor, true, USD));
        compare("order:1", rows, sets)
            .into_iter()
            .map(|found| (found.gateway_minor, found.ledger_minor))
            .collect()
    }

    #[test]
    fn one_minor_unit_is_a_difference() {
        use Kind::{Dispute, Payment, Refund};
        let sale = [booked(Payment, 999)];
        assert_eq!(differences(&[(Payment, 999)], &sale), []);
        assert_eq!(differences(&[(Payment, 1_000)], &sale), [(Some(1_000), Some(999))]);
        assert_eq!(differences(&[], &sale), [(None, Some(999))]);
        assert_eq!(differences(&[(Payment, 999), (Payment, 999)], &sale), [(Some(999), None)]);
        assert_eq!(differences(&[(Payment, 999), (Refund, -5)], &sale), [(Some(-5), None)]);
        let parts = [booked(Payment, 999), booked(Refund, -300), booked(Refund, -200)];
        assert_eq!(differences(&[(Payment, 999), (Refund, -500)], &parts), [], "a refund in two parts");
        let other = [booked(Payment, 999), booked(Dispute, -999)];
        assert_eq!(differences(&[(Payment, 999), (Refund, -999)], &other).len(), 2, "of another kind");
    }

    #[test]
    fn what_was_before_the_day_is_that_days_affair() {
        let before = Booked { of_day: false, ..booked(Kind::Payment, 500) };
        assert_eq!(differences(&[], &[before]), []);
        let rows = [(Kind::Payment, 500, false, USD)].into_iter();
        assert_eq!(compare("order:1", rows, &[]), []);
    }
}
