//! When a lesson opens for a student: on a date, some days after his enrolment, and in a required order.

use kernel::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Most days after the enrolment after which a lesson may open: ten years.
pub const OPENS_AFTER_DAYS_MAX: u32 = 3_650;

/// When a lesson opens, as its teacher has set it. Where he has set both, both must have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
    /// Not before so many days, of 24 hours, after the enrolment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_after_days: Option<u32>,
}

impl Schedule {
    /// When it opens for who enrolled at that moment; `None` when it always is.
    pub fn opens_for(self, enrolled_at: Timestamp) -> Option<Timestamp> {
        let after = self.opens_after_days.map(|days| {
            let wait = SignedDuration::from_hours(24 * i64::from(days));
            enrolled_at.checked_add(wait).unwrap_or(Timestamp::MAX)
        });
        self.opens_at.max(after)
    }
}

/// Why a lesson is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockReason {
    /// Its time has not come.
    NotYet,
    /// The lessons before it must be completed first.
    EarlierLessons,
}

/// A lesson that is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Why.
    pub reason: LockReason,
    /// When its time comes, where that is why.
    pub opens_at: Option<Timestamp>,
}

/// What decides about one lesson of a student.
#[derive(Clone, Copy, Debug, Default)]
pub struct Step {
    /// When it opens.
    pub schedule: Schedule,
    /// Whether everybody may take it: such a lesson is never locked.
    pub is_preview: bool,
    /// Whether he has completed it: what he had once stays open.
    pub completed: bool,
}

/// Whether a lesson is open for who enrolled at that moment. `earlier_completed` says whether he has completed all lessons before it, or the
/// course has no required order.
///
/// # Errors
/// The [`Lock`]; its time before its order.
pub fn lesson_opens(
    step: Step,
    enrolled_at: Timestamp,
    earlier_completed: bool,
    now: Timestamp,
) -> Result<(), Lock> {
    if step.is_preview || step.completed {
        return Ok(());
    }
    match step.schedule.opens_for(enrolled_at) {
        Some(opens_at) if opens_at > now => {
            Err(Lock { reason: LockReason::NotYet, opens_at: Some(opens_at) })
        }
        _ if !earlier_completed => Err(Lock { reason: LockReason::EarlierLessons, opens_at: None }),
        _ => Ok(()),
    }
}

/// The locks of all lessons of a course, in their order.
pub fn locks(
    steps: impl IntoIterator<Item = Step>,
    required_order: bool,
    enrolled_at: Timestamp,
    now: Timestamp,
) -> Vec<Option<Lock>> {
    let mut earlier_completed = true;
    let lock = |step: Step| {
        let lock = lesson_opens(step, enrolled_at, earlier_completed || !required_order, now).err();
        earlier_completed &= step.completed;
        lock
    };
    steps.into_iter().map(lock).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600;

    /// So many hours after the enrolment.
    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + hours * HOUR).unwrap()
    }

    fn not_yet(hours: i64) -> Result<(), Lock> {
        Err(Lock { reason: LockReason::NotYet, opens_at: Some(hour(hours)) })
    }

    #[test]
    fn a_lesson_opens_when_all_that_was_set_has_come() {
        let earlier = Err(Lock { reason: LockReason::EarlierLessons, opens_at: None });
        let step = |date: Option<i64>, days| Step {
            schedule: Schedule { opens_at: date.map(hour), opens_after_days: days },
            ..Step::default()
        };
        for (step, earlier_completed, now, expected) in [
            (step(None, None), true, 0, Ok(())),
            (step(None, None), false, 0, earlier),
            (step(Some(5), None), true, 4, not_yet(5)),
            (step(Some(5), None), true, 5, Ok(())),
            (step(Some(5), None), false, 4, not_yet(5)),
            (step(Some(5), None), false, 5, earlier),
            (step(None, Some(0)), true, 0, Ok(())),
            (step(None, Some(7)), true, 167, not_yet(168)),
            (step(None, Some(7)), true, 168, Ok(())),
            (step(Some(5), Some(1)), true, 10, not_yet(24)),
            (step(Some(30), Some(1)), true, 25, not_yet(30)),
            (Step { is_preview: true, ..step(Some(5), Some(7)) }, false, 0, Ok(())),
            (Step { completed: true, ..step(Some(5), Some(7)) }, false, 0, Ok(())),
        ] {
            assert_eq!(lesson_opens(step, hour(0), earlier_completed, hour(now)), expected, "{step:?} {now}");
        }
        let never = step(None, Some(u32::MAX));
        assert!(lesson_opens(never, Timestamp::MAX, true, hour(0)).is_err(), "a sum that no clock shows");
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = (prop::option::of(0i64..100), prop::option::of(0u32..4), any::<bool>(), any::<bool>());
        let step = step.prop_map(|(date, opens_after_days, is_preview, completed)| Step {
            schedule: Schedule { opens_at: date.map(hour), opens_after_days },
            is_preview,
            completed,
        });
        prop::collection::vec(step, 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn time_opens_and_never_locks(steps in steps(), order in any::<bool>(), now in 0i64..100, later in 0i64..100) {
            let (before, after) = (locks(steps.clone(), order, hour(0), hour(now)), locks(steps, order, hour(0), hour(now + later)));
            for (before, after) in before.into_iter().zip(after) {
                prop_assert!(before.is_some() || after.is_none(), "{before:?} {after:?}");
            }
        }

        #[test]
        fn who_completes_what_is_open_gets_through_the_course(mut steps in steps(), order in any::<bool>()) {
            // Long after all dates: there is always something open until all is completed.
            while steps.iter().any(|step| !step.completed) {
                let locks = locks(steps.clone(), order, hour(0), hour(1_000));
                let open = steps.iter().zip(locks).position(|(step, lock)| !step.completed && lock.is_none());
                let open = open.ok_or_else(|| TestCaseError::fail("nothing is open"))?;
                steps[open].completed = true;
            }
        }

        #[test]
        fn in_order_nothing_opens_before_what_is_not_completed(steps in steps(), now in 0i64..100) {
            let locks = locks(steps.clone(), true, hour(0), hour(now));
            let first = steps.iter().position(|step| !step.completed).unwrap_or(steps.len());
            for (step, lock) in steps.iter().zip(&locks).skip(first + 1) {
                prop_assert_eq!(lock.is_some(), !step.completed && !step.is_preview);
            }
            // Without an order a lesson's own dates alone decide.
            let free = super::locks(steps.clone(), false, hour(0), hour(now));
            for (step, lock) in steps.iter().zip(free) {
                prop_assert_eq!(lock, lesson_opens(*step, hour(0), true, hour(now)).err());
            }
        }
    }
}
