use std::collections::BTreeSet;

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;

/// The day with this number.
fn day(number: i64) -> Date {
    jiff::civil::date(2026, 1, 1).checked_add(number.days()).unwrap()
}

fn enrollment(number: u8) -> Id<kinds::Enrollment> {
    format!("00000000-0000-0000-0000-{number:012}").parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn recent(number: u8, second: i64) -> Recent {
    Recent { enrollment_id: enrollment(number), lesson_id: None, at: at(second) }
}

/// A minute of learning on a day.
fn minute(number: i64) -> Learnt {
    Learnt {
        recent: recent(1, number * 86_400),
        day: day(number),
        learned_ms: 60_000,
        lessons_completed: 0,
        repeats: false,
    }
}

/// All that was learnt on these days, and the days that are over.
fn learn(days: impl IntoIterator<Item = i64>) -> (Activity, Vec<Day>) {
    let (mut activity, mut over) = (Activity::default(), Vec::new());
    for number in days {
        if let Taken::Closed(day) = activity.take_in(&minute(number)) {
            over.push(day);
        }
    }
    (activity, over)
}

#[test]
fn a_day_is_that_of_its_learner() {
    let evening: Timestamp = "2026-03-07T23:30:00Z".parse().unwrap();
    for (zone, expected) in [
        ("", "2026-03-07"),
        ("Asia/Seoul", "2026-03-08"),
        ("Asia/Kathmandu", "2026-03-08"),
        ("America/Los_Angeles", "2026-03-07"),
        ("Mars/Olympus", "2026-03-07"),
    ] {
        assert_eq!(day_of(evening, zone).to_string(), expected, "{zone}");
    }
    // The night in which clocks go forward in New York has 23 hours.
    for (moment, expected) in [("2026-03-08T04:59:59Z", "2026-03-07"), ("2026-03-09T03:59:59Z", "2026-03-08")]
    {
        assert_eq!(day_of(moment.parse().unwrap(), "America/New_York").to_string(), expected);
    }
}

#[test]
fn days_in_a_row_are_a_streak_and_a_missed_day_ends_it() {
    let (activity, over) = learn([0, 1, 2, 2, 4]);
    assert_eq!((activity.days, activity.longest_streak, activity.learned_ms), (4, 3, 300_000));
    assert_eq!(activity.streak(day(4)), Streak { days: 1, frozen_left: 0, today: true });
    let streaks: Vec<_> = over.iter().map(|day| (day.streak, day.learned_ms)).collect();
    assert_eq!(streaks, [(1, 60_000), (2, 60_000), (3, 120_000)]);
    // Until the end of the next day it may go on.
    assert_eq!(activity.streak(day(5)), Streak { days: 1, frozen_left: 0, today: false });
    assert_eq!(activity.streak(day(6)), Streak::default());
    assert_eq!(Activity::default().streak(day(0)), Streak::default());
}

#[test]
fn a_week_earns_a_frozen_day_which_a_missed_day_takes() {
    let (week, _) = learn(0..7);
    assert_eq!(week.streak(day(6)).frozen_left, 1);
    // Day 7 is missed.
    assert_eq!(week.streak(day(8)), Streak { days: 7, frozen_left: 0, today: false });
    assert_eq!(week.streak(day(9)), Streak::default(), "there was one");
    let (after, _) = learn((0..7).chain([8]));
    let last = after.last.unwrap();
    assert_eq!((last.streak, last.frozen_before, after.frozen_left), (8, 1, 0));
    // Two at most, and both go at once.
    let (month, _) = learn(0..28);
    assert_eq!(month.frozen_left, 2);
    let (after, _) = learn((0..28).chain([30]));
    assert_eq!((after.last.unwrap().streak, after.frozen_left), (29, 0));
    let (broken, _) = learn((0..28).chain([31]));
    let last = broken.last.unwrap();
    assert_eq!((last.streak, last.frozen_before, broken.frozen_left, broken.longest_streak), (1, 0, 0, 28));
}

#[test]
fn who_travels_west_adds_to_the_day_that_he_has_begun() {
    let (mut activity, _) = learn([0, 1]);
    assert_eq!(activity.take_in(&minute(0)), Taken::Activity);
    let last = activity.last.unwrap();
    assert_eq!((last.day, last.learned_ms, last.streak), (day(1), 120_000, 2));
}

#[test]
fn what_is_known_is_not_written_again() {
    let (mut activity, _) = learn([0]);
    let again = Learnt { learned_ms: 0, repeats: true, recent: recent(1, 60), ..minute(0) };
    assert_eq!(activity.take_in(&again), Taken::Nothing);
    assert_eq!(activity.take_in(&Learnt { recent: recent(1, 600), ..again }), Taken::Activity);
    // Playing something again makes a day of the streak, opening something does not.
    let opened = Learnt { recent: recent(2, 86_400), day: day(1), repeats: false, ..again };
    assert_eq!(activity.take_in(&opened), Taken::Activity);
    assert_eq!((activity.days, activity.recent.len()), (1, 2));
    let repeated = Learnt { repeats: true, ..opened };
    assert!(matches!(activity.take_in(&repeated), Taken::Closed(over) if over.day == day(0)));
    assert_eq!((activity.days, activity.last.unwrap().learned_ms), (2, 0));
}

#[test]
fn the_last_courses_come_first_each_once() {
    let mut activity = Activity::default();
    for (order, number) in (0..).zip([1, 2, 3, 1, 4, 5, 6, 7, 8, 9]) {
        activity.take_in(&Learnt { recent: recent(number, order), ..minute(0) });
    }
    let expected = [9, 8, 7, 6, 5, 4, 1, 3].map(enrollment);
    assert_eq!(activity.recent.iter().map(|recent| recent.enrollment_id).collect::<Vec<_>>(), expected);
}

/// What the rule says, day by day: the streak, the frozen days that are left, and the days that were frozen, up to a day that is not judged.
fn by_the_rule(active: &BTreeSet<i64>, until: i64) -> (u32, u32, Vec<i64>) {
    let (mut streak, mut left, mut frozen) = (0, 0, Vec::new());
    let mut maybe = Vec::new();
    for number in 0..until {
        if active.contains(&number) {
            streak += 1;
            left = (left + u32::from(streak % 7 == 0)).min(2);
            frozen.append(&mut maybe);
        } else if streak > 0 && left > 0 {
            left -= 1;
            maybe.push(number);
        } else {
            (streak, left) = (0, 0);
            maybe.clear();
        }
    }
    frozen.append(&mut maybe);
    (streak, left, frozen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_is_what_the_rule_says_day_by_day(gaps in prop::collection::vec(prop::sample::select(vec![1i64, 1, 1, 1, 1, 1, 1, 2, 3, 4]), 1..60), later in 1i64..5) {
        let active: BTreeSet<i64> = gaps.iter().scan(-1, |at, gap| { *at += gap; Some(*at) }).collect();
        let today = active.last().unwrap() + later;
        let (activity, over) = learn(active.iter().copied());
        let (days, frozen_left, frozen) = by_the_rule(&active, today);
        let expected = Streak { days, frozen_left, today: false };
        prop_assert_eq!(activity.streak(day(today)), expected);
        prop_assert_eq!(activity.days as usize, active.len());
        let longest = over.iter().chain(&activity.last).map(|day| day.streak).max();
        prop_assert_eq!(Some(activity.longest_streak), longest);
        let shown = calendar(&over, &activity, (day(0), day(today)), day(today));
        let shown_frozen: Vec<_> = shown.iter().filter(|day| day.frozen).map(|day| day.day).collect();
        prop_assert_eq!(shown_frozen, frozen.into_iter().map(day).collect::<Vec<_>>());
        let learnt: u64 = shown.iter().map(|day| day.learned_ms).sum();
        prop_assert_eq!(learnt, activity.learned_ms);
        prop_assert_eq!(shown.iter().filter(|day| !day.frozen).count(), active.len());
    }

    #[test]
    fn a_part_of_a_calendar_is_that_part_of_the_whole(days in prop::collection::btree_set(0i64..60, 1..50), from in 0i64..60, length in 0i64..30) {
        let (activity, over) = learn(days.iter().copied());
        let (today, window) = (day(60), (day(from), day(from + length)));
        let whole = calendar(&over, &activity, (day(0), today), today);
        let reach = day(from + length + i64::from(FROZEN_MAX) + 1);
        let stored: Vec<_> = over.iter().filter(|day| day.day >= window.0 && day.day <= reach).copied().collect();
        let part = calendar(&stored, &activity, window, today);
        let expected: Vec<_> = whole.into_iter().filter(|day| day.day >= window.0 && day.day <= window.1).collect();
        prop_assert_eq!(part, expected);
    }
}
