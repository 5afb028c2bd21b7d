//! Quarters, by which notifications are counted and forgotten.
//!
//! DynamoDB removes an item some time after its end and tells nobody, so a count of single notifications would be wrong for a while. All
//! notifications of a quarter end at one moment, and so does the count of that quarter: who adds up the counts that have not ended has
//! the number of those that have not ended, at every moment.

use jiff::{civil::date, tz::TimeZone};
use kernel::{SignedDuration, Timestamp};

/// How long a notification is kept at least; it goes with its quarter, so up to 92 days later.
pub const KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);

/// A quarter of a year, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i16,
    /// 1 to 4.
    quarter: i8,
}

impl Period {
    /// The quarter of a moment.
    pub fn of(at: Timestamp) -> Self {
        let day = at.to_zoned(TimeZone::UTC).date();
        Self { year: day.year(), quarter: (day.month() - 1) / 3 + 1 }
    }

    /// When what belongs to it is over: [`KEPT`] after its last moment.
    pub fn ends(self) -> Timestamp {
        let next = self.next();
        let first = date(next.year, (next.quarter - 1) * 3 + 1, 1).to_zoned(TimeZone::UTC);
        first.map_or(Timestamp::MAX, |first| first.timestamp() + KEPT)
    }

    /// The quarters whose notifications are kept at this moment, the newest first: two or three.
    pub fn live(now: Timestamp) -> Vec<Self> {
        let mut all = vec![Self::of(now)];
        loop {
            let before = all[all.len() - 1].previous();
            if before.ends() <= now {
                return all;
            }
            all.push(before);
        }
    }

    const fn next(self) -> Self {
        match self.quarter {
            4 => Self { year: self.year + 1, quarter: 1 },
            quarter => Self { year: self.year, quarter: quarter + 1 },
        }
    }

    const fn previous(self) -> Self {
        match self.quarter {
            1 => Self { year: self.year - 1, quarter: 4 },
            quarter => Self { year: self.year, quarter: quarter - 1 },
        }
    }
}

/// Such as `2026Q2`: text order is time order.
impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}Q{}", self.year, self.quarter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarter_goes_half_a_year_after_its_end() {
        let june = Period::of(at("2026-06-01T12:00:00Z"));
        assert_eq!(june.to_string(), "2026Q2");
        assert_eq!(june.ends(), at("2026-12-28T00:00:00Z"));
        assert_eq!(Period::of(at("2026-06-30T23:59:59Z")), june);
        let winter = Period::of(at("2026-12-31T00:00:00Z"));
        assert_eq!((winter.to_string().as_str(), winter.ends()), ("2026Q4", at("2027-06-30T00:00:00Z")));
        let live: Vec<_> = Period::live(at("2026-06-01T12:00:00Z")).iter().map(Period::to_string).collect();
        assert_eq!(live, ["2026Q2", "2026Q1", "2025Q4"]);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_in_a_quarter_that_lives(
            made in 1_700_000_000_i64..2_500_000_000, later in 0_i64..400 * 86_400
        ) {
            let (made, now) =
                (Timestamp::from_second(made).unwrap(), Timestamp::from_second(made + later).unwrap());
            let period = Period::of(made);
            prop_assert!(period.ends() >= made + KEPT);
            prop_assert!(period.ends() <= made + KEPT + SignedDuration::from_hours(92 * 24));
            prop_assert_eq!(Period::live(now).contains(&period), period.ends() > now);
            prop_assert!((2..=3).contains(&Period::live(now).len()));
        }
    }
}
