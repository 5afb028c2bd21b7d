//! What a change of plan costs for the rest of the period (seed 003, `change_subscription_plan`), on the period's real length.

use kernel::Timestamp;

use super::{Amount, AmountError};

/// Why there is no price of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProrationError {
    /// The period does not end after it begins.
    #[error("the billing period is empty")]
    EmptyPeriod,
    /// The plans are of different currencies, or the prices are out of range.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// A billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
}

impl Period {
    /// Seconds of the period, and those of it that remain: none after its end, all before it began.
    fn seconds(self, now: Timestamp) -> Result<(i64, i64), ProrationError> {
        let (start, end) = (self.start.as_second(), self.end.as_second());
        if end <= start {
            return Err(ProrationError::EmptyPeriod);
        }
        Ok((end - start, (end - now.as_second()).clamp(0, end - start)))
    }
}

/// What the change to another price for the same interval costs now: (new − old) × remaining ⁄ length, rounded towards zero, as
/// seed 003 does it, so that nobody pays for a part of a minor unit. A cheaper plan gives nothing back: 0.
///
/// # Errors
/// [`ProrationError`]
pub fn within_period(
    old: Amount,
    new: Amount,
    period: Period,
    now: Timestamp,
) -> Result<Amount, ProrationError> {
    let difference = new.checked_sub(old)?.minor.max(0);
    let (length, remaining) = period.seconds(now)?;
    // At most the difference, so it fits.
    let minor = (i128::from(difference) * i128::from(remaining) / i128::from(length)) as i64;
    Ok(Amount::new(minor, new.currency))
}

/// What the change to another interval costs now. It begins a period of its own: its price less what the old one is still worth,
/// new − old × remaining ⁄ length, rounded towards zero; never less than 0.
///
/// # Errors
/// [`ProrationError`]
pub fn with_new_period(
    old: Amount,
    new: Amount,
    period: Period,
    now: Timestamp,
) -> Result<Amount, ProrationError> {
    new.checked_sub(old)?;
    let (length, remaining) = period.seconds(now)?;
    let exact = i128::from(new.minor) * i128::from(length) - i128::from(old.minor) * i128::from(remaining);
    let minor = i64::try_from((exact / i128::from(length)).max(0)).map_err(|_| AmountError::Overflow)?;
    Ok(Amount::new(minor, new.currency))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::commerce::Currency;

    fn usd(minor: i64) -> Amount {
        Amount::new(minor, Currency::USD)
    }

    fn period(start: &str, end: &str) -> Period {
        Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    #[test]
    fn the_formula_of_seed_003_on_months_of_any_length() {
        let april = period("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z");
        let february = period("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
        for (old, new, period, now, minor) in [
            (999, 1_499, april, "2026-04-16T00:00:00Z", 250),
            (999, 1_499, april, "2026-04-11T00:00:00Z", 333),
            (999, 1_499, february, "2026-02-15T00:00:00Z", 250),
            (999, 1_499, april, "2026-04-01T00:00:00Z", 500),
            (999, 1_499, april, "2026-03-31T00:00:00Z", 500),
            (999, 1_499, april, "2026-04-30T23:59:59Z", 0),
            (999, 1_499, april, "2026-05-02T00:00:00Z", 0),
            (1_499, 999, april, "2026-04-02T00:00:00Z", 0),
        ] {
            let cost = within_period(usd(old), usd(new), period, now.parse().unwrap()).unwrap();
            assert_eq!(cost, usd(minor), "{old} to {new} on {now}");
        }
    }

    #[test]
    fn another_interval_begins_a_period_and_takes_the_rest_of_the_old_one_off() {
        let april = period("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z");
        let year = period("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        for (old, new, period, now, minor) in [
            (999, 9_990, april, "2026-04-16T00:00:00Z", 9_490),
            (999, 9_990, april, "2026-05-01T00:00:00Z", 9_990),
            (9_990, 999, year, "2026-01-02T00:00:00Z", 0),
        ] {
            let cost = with_new_period(usd(old), usd(new), period, now.parse().unwrap()).unwrap();
            assert_eq!(cost, usd(minor), "{old} to {new} on {now}");
        }
    }

    #[test]
    fn an_empty_period_and_two_currencies_have_no_price() {
        let (start, won) = ("2026-04-01T00:00:00Z", Amount::new(1, "KRW".parse().unwrap()));
        let (empty, full) = (period(start, start), period(start, "2026-04-02T00:00:00Z"));
        for reckon in [within_period, with_new_period] {
            assert_eq!(reckon(usd(1), usd(2), empty, empty.start), Err(ProrationError::EmptyPeriod));
            assert!(matches!(
                reckon(won, usd(2), full, full.start),
                Err(ProrationError::Amount(AmountError::Currencies(..)))
            ));
        }
    }

    proptest! {
        #[test]
        fn never_more_than_the_exact_price_and_less_than_a_unit_below(
            old in 0..10_000_000i64, new in 0..10_000_000i64, length in 1..40_000_000i64, passed in 0..40_000_000i64,
        ) {
            let at = |second| Timestamp::from_second(1_780_000_000 + second).unwrap();
            let (period, now) = (Period { start: at(0), end: at(length) }, at(passed));
            let remaining = (length - passed).max(0);

            let within = within_period(usd(old), usd(new), period, now).unwrap().minor;
            let exact = i128::from((new - old).max(0)) * i128::from(remaining);
            let rest = exact - i128::from(within) * i128::from(length);
            prop_assert!((0..i128::from(length)).contains(&rest));

            let fresh = with_new_period(usd(old), usd(new), period, now).unwrap().minor;
            let exact = (i128::from(new) * i128::from(length) - i128::from(old) * i128::from(remaining)).max(0);
            let rest = exact - i128::from(fresh) * i128::from(length);
            prop_assert!((0..i128::from(length)).contains(&rest));
            prop_assert!(fresh <= new);
        }

        #[test]
        fn waiting_never_makes_an_upgrade_dearer(new in 1..1_000_000i64, length in 1..40_000_000i64, passed in 0..40_000_000i64) {
            let at = |second| Timestamp::from_second(1_780_000_000 + second).unwrap();
            let period = Period { start: at(0), end: at(length) };
            let cost = |passed| within_period(usd(0), usd(new), period, at(passed)).unwrap().minor;
            prop_assert!(cost(passed + 1) <= cost(passed));
        }
    }
}
