//! The days of a learner as a calendar shows them.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};

use super::{Activity, Day, missed};

/// A day that a calendar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// Which.
    pub day: Date,
    /// Time that was learnt, in milliseconds.
    pub learned_ms: u64,
    /// Lessons that were completed.
    pub lessons_completed: u32,
    /// Whether nothing was learnt and a frozen day kept the streak.
    pub frozen: bool,
}

/// The days from one to another that count, and those that were frozen, in their order. `days` are the stored ones from the first to
/// [`super::FROZEN_MAX`] days and one after the last, which may have frozen days before them that belong here.
pub fn calendar(
    days: &[Day],
    activity: &Activity,
    (from, to): (Date, Date),
    today: Date,
) -> Vec<CalendarDay> {
    let mut shown = BTreeMap::new();
    let mut frozen_before = |day: Date, count: u32| {
        for back in 1..=i64::from(count) {
            if let Ok(day) = day.checked_sub(back.days()) {
                let frozen = CalendarDay { day, learned_ms: 0, lessons_completed: 0, frozen: true };
                shown.insert(day, frozen);
            }
        }
    };
    for day in days.iter().chain(&activity.last) {
        frozen_before(day.day, day.frozen_before);
    }
    if let Some(last) = activity.last.filter(|last| today > last.day && activity.streak(today).days > 0) {
        frozen_before(today, missed(last.day, today));
    }
    for Day { day, learned_ms, lessons_completed, .. } in days.iter().chain(&activity.last).copied() {
        shown.insert(day, CalendarDay { day, learned_ms, lessons_completed, frozen: false });
    }
    shown.into_values().filter(|day| day.day >= from && day.day <= to).collect()
}
