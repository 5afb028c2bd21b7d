//! Days on which somebody learns, in his own time zone: how much, how many in a row, and where he was last.
//!
//! A day counts when something was learnt on it: a second of a video that counts as watched, a second with a text, files or a quiz, a lesson
//! that was completed, or a video that he played once more. Days in a row are a streak. Each seventh day of a streak earns a frozen day, of
//! which two are kept at most; a day without learning takes one of them, silently, and a streak for which there is none left ends. A
//! frozen day keeps a streak and does not lengthen it. What was earned goes with the streak.
//!
//! A day is the one of its learner's time zone when the platform heard of the learning, and stays what it was: a change of the zone moves no
//! day, and one who travels west adds to the day that he has begun already.

mod calendar;
mod credit;

use jiff::civil::Date;
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use calendar::{CalendarDay, calendar};
pub use credit::{QUIZ_SECONDS_MAX, READING_TIMES_LEAST, creditable_seconds, watched_ms};

use crate::identity::profile::zone_of;

/// Days of a streak that earn a frozen day.
pub const FROZEN_EVERY: u32 = 7;
/// Most frozen days that are kept.
pub const FROZEN_MAX: u32 = 2;
/// Courses that are remembered as the last ones.
pub const RECENT_MAX: usize = 8;
/// How old the moment of the last course may become before learning on in it alone is worth a write.
const RECENT_STALE: SignedDuration = SignedDuration::from_mins(10);

/// The day on which a moment falls in the time zone of a profile; UTC where that is empty or unknown.
pub fn day_of(at: Timestamp, zone: &str) -> Date {
    at.to_zoned(zone_of(zone)).date()
}

/// A day on which somebody learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Which.
    pub day: Date,
    /// Time, in milliseconds.
    #[serde(default)]
    pub learned_ms: u64,
    /// Lessons that were completed.
    #[serde(default)]
    pub lessons_completed: u32,
    /// Days of the streak with this one.
    pub streak: u32,
    /// Frozen days that lie just before it.
    #[serde(default)]
    pub frozen_before: u32,
}

/// Where somebody learnt last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The lesson, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson_id: Option<Id<kinds::Lesson>>,
    /// When, to some ten minutes.
    pub at: Timestamp,
}

/// Something that was learnt.
#[derive(Clone, Copy, Debug)]
pub struct Learnt {
    /// Where and when.
    pub recent: Recent,
    /// The day of that moment for who learnt.
    pub day: Date,
    /// Time that counts and was not counted before, in milliseconds.
    pub learned_ms: u64,
    /// Lessons that were completed by it.
    pub lessons_completed: u32,
    /// Whether he learnt though none of it is new, as who plays a part of a video again.
    pub repeats: bool,
}

impl Learnt {
    /// Whether its day counts by it.
    const fn counts(&self) -> bool {
        self.learned_ms > 0 || self.lessons_completed > 0 || self.repeats
    }
}

/// All that is kept of a learner's days but the days before the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The last day; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// Days on which he learnt.
    #[serde(default)]
    pub days: u32,
    /// The longest streak.
    #[serde(default)]
    pub longest_streak: u32,
    /// Frozen days that he has.
    #[serde(default)]
    pub frozen_left: u32,
    /// Time of all days, in milliseconds.
    #[serde(default)]
    pub learned_ms: u64,
    /// Lessons that were completed on all days.
    #[serde(default)]
    pub lessons_completed: u64,
    /// Where he learnt, the last first.
    #[serde(default)]
    pub recent: Vec<Recent>,
}

/// What is to be stored after something was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing: it is all known.
    Nothing,
    /// The activity.
    Activity,
    /// The activity, and this day, which is over.
    Closed(Day),
}

/// Where a streak stands on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak {
    /// Days in a row.
    pub days: u32,
    /// Frozen days that are left.
    pub frozen_left: u32,
    /// Whether that day counts already.
    pub today: bool,
}

impl Activity {
    /// Takes in what was learnt.
    pub fn take_in(&mut self, learnt: &Learnt) -> Taken {
        let moved = self.note(learnt.recent);
        let today = self.last.filter(|last| learnt.day <= last.day);
        let known = today.is_some() && learnt.learned_ms == 0 && learnt.lessons_completed == 0;
        if known || !learnt.counts() {
            return if moved { Taken::Activity } else { Taken::Nothing };
        }
        self.learned_ms += learnt.learned_ms;
        self.lessons_completed += u64::from(learnt.lessons_completed);
        let mut day = today.unwrap_or_else(|| self.begin(learnt.day));
        day.learned_ms += learnt.learned_ms;
        day.lessons_completed += learnt.lessons_completed;
        // The moment is written anyway.
        if let Some(first) = self.recent.first_mut() {
            first.at = first.at.max(learnt.recent.at);
        }
        match self.last.replace(day).filter(|_| today.is_none()) {
            Some(over) => Taken::Closed(over),
            None => Taken::Activity,
        }
    }

    /// Where the streak stands on this day.
    pub fn streak(&self, today: Date) -> Streak {
        let Some(last) = self.last else { return Streak::default() };
        if today <= last.day {
            return Streak { days: last.streak, frozen_left: self.frozen_left, today: true };
        }
        match self.frozen_left.checked_sub(missed(last.day, today)) {
            Some(frozen_left) => Streak { days: last.streak, frozen_left, today: false },
            None => Streak::default(),
        }
    }

    /// Whole hours of learning.
    pub const fn hours(&self) -> u64 {
        self.learned_ms / 3_600_000
    }

    /// Begins a day after the last one.
    fn begin(&mut self, day: Date) -> Day {
        let before = self.streak(day);
        let lasts = before.days > 0;
        let frozen_before = if lasts { self.frozen_left - before.frozen_left } else { 0 };
        let streak = before.days + 1;
        let earned = u32::from(streak.is_multiple_of(FROZEN_EVERY));
        self.frozen_left = (before.frozen_left + earned).min(FROZEN_MAX);
        self.longest_streak = self.longest_streak.max(streak);
        self.days += 1;
        Day { day, learned_ms: 0, lessons_completed: 0, streak, frozen_before }
    }

    /// Puts a course before the others; whether that is worth a write.
    fn note(&mut self, recent: Recent) -> bool {
        let same = |first: &&Recent| {
            (first.enrollment_id, first.lesson_id) == (recent.enrollment_id, recent.lesson_id)
                && recent.at.duration_since(first.at) < RECENT_STALE
        };
        if self.recent.first().filter(same).is_some() {
            return false;
        }
        self.recent.retain(|other| other.enrollment_id != recent.enrollment_id);
        self.recent.insert(0, recent);
        self.recent.truncate(RECENT_MAX);
        true
    }
}

/// Days between two days, without either.
fn missed(last: Date, today: Date) -> u32 {
    let days = today.duration_since(last).as_hours() / 24;
    u32::try_from(days - 1).unwrap_or(0)
}

#[cfg(test)]
mod tests;
