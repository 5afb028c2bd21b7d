//! When somebody gets the mail with what he has not read.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday, time},
};
use kernel::Timestamp;

use crate::identity::{Digest, profile::zone_of};

/// The hour of the reader's day at which it is written. A weekly one comes on Mondays.
pub const HOUR: i8 = 8;
/// Most notifications that one mail lists.
pub const LISTED_MAX: u32 = 20;

/// The first moment after `after` at which a digest is due for somebody in this time zone (UTC where it is empty or unknown); `None`
/// where he wants none. On a day whose clocks skip that hour it comes as much later.
pub fn next(frequency: Digest, after: Timestamp, zone: &str) -> Option<Timestamp> {
    let zone = zone_of(zone);
    let fits = |day: Date| match frequency {
        Digest::Off => false,
        Digest::Daily => true,
        Digest::Weekly => day.weekday() == Weekday::Monday,
    };
    let today = after.to_zoned(zone.clone()).date();
    // Eight days: today's hour may be over on a Monday.
    (0..=8)
        .filter_map(|days| today.checked_add(days.days()).ok())
        .filter(|day| fits(*day))
        .filter_map(|day| day.to_datetime(time(HOUR, 0, 0, 0)).to_zoned(zone.clone()).ok())
        .map(|due| due.timestamp())
        .find(|due| *due > after)
}

#[cfg(test)]
mod tests {
    use kernel::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_comes_at_eight_where_its_reader_lives() {
        // A Monday, at noon in London.
        let now = at("2026-06-01T12:00:00Z");
        for (frequency, zone, due) in [
            (Digest::Daily, "", Some("2026-06-02T08:00:00Z")),
            (Digest::Daily, "Asia/Seoul", Some("2026-06-01T23:00:00Z")),
            (Digest::Daily, "Asia/Kathmandu", Some("2026-06-02T02:15:00Z")),
            (Digest::Daily, "America/Los_Angeles", Some("2026-06-01T15:00:00Z")),
            (Digest::Weekly, "", Some("2026-06-08T08:00:00Z")),
            (Digest::Weekly, "America/Los_Angeles", Some("2026-06-01T15:00:00Z")),
            (Digest::Weekly, "Mars/Olympus", Some("2026-06-08T08:00:00Z")),
            (Digest::Off, "Asia/Seoul", None),
        ] {
            assert_eq!(next(frequency, now, zone), due.map(at), "{frequency:?} {zone}");
        }
        let eight = at("2026-06-01T08:00:00Z");
        assert_eq!(next(Digest::Weekly, eight, ""), Some(at("2026-06-08T08:00:00Z")), "never twice");
    }

    #[test]
    fn a_change_of_clocks_neither_skips_nor_doubles_it() {
        let mut due = at("2026-03-25T00:00:00Z");
        let mut all = Vec::new();
        for _ in 0..7 {
            due = next(Digest::Daily, due, "Europe/Berlin").unwrap();
            all.push(due.to_string());
        }
        assert_eq!(all[0], "2026-03-25T07:00:00Z");
        assert_eq!(all[4], "2026-03-29T06:00:00Z", "the clocks went forward that night");
        assert_eq!(all[6], "2026-03-31T06:00:00Z");
    }

    proptest! {
        #[test]
        fn it_always_comes_and_later_than_now(
            second in 1_700_000_000_i64..2_500_000_000,
            zone in prop::sample::select(vec!["", "Asia/Seoul", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"])
        ) {
            let now = Timestamp::from_second(second).unwrap();
            let day = SignedDuration::from_hours(24);
            let hour = SignedDuration::from_hours(1);
            for (frequency, longest) in [(Digest::Daily, day), (Digest::Weekly, day * 7)] {
                let due = next(frequency, now, zone).unwrap();
                prop_assert!(due > now && due <= now + longest + hour, "{frequency:?} {zone}: {now} {due}");
            }
        }
    }
}
