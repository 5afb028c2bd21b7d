//! A video as its teacher sees it: how far his class has watched (seed 002, `stats`).

use super::AccessRule;

/// How far one student has watched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Watch {
    /// Part that was watched, 0 to 1.
    pub progress: f64,
    /// Whether 90 % were watched.
    pub completed: bool,
}

/// Numbers of a class (seed 002, VideoStats.stats).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassStats {
    /// Students of any state.
    pub total_students: u64,
    /// Those who have watched all of it.
    pub completed_100: u64,
    /// Those who have watched 90 % of it, and those who have watched all of it with them.
    pub completed_90: u64,
    /// Mean part, 0 to 1; who has not begun counts as 0. Rounded to a millionth, so that the order of students does not show.
    pub avg_progress: f64,
}

impl ClassStats {
    /// The numbers of a class of so many, of whom these have begun.
    pub fn new(total_students: u64, begun: impl IntoIterator<Item = Watch>) -> Self {
        let mut stats = Self { total_students, ..Self::default() };
        let mut sum = 0.0;
        for watch in begun {
            sum += watch.progress;
            stats.completed_100 += u64::from(watch.progress >= 1.0);
            stats.completed_90 += u64::from(watch.completed);
        }
        if total_students > 0 {
            stats.avg_progress = (sum / total_students as f64 * 1e6).round() / 1e6;
        }
        stats
    }
}

/// The rule that counts in the end for a student: without a permission a video is free, and without a right to the course it is closed,
/// whatever the teacher has set. `once` stays so for who has completed it.
pub const fn effective_rule(enrolled: bool, rule: Option<AccessRule>) -> AccessRule {
    match rule {
        _ if !enrolled => AccessRule::Blocked,
        Some(rule) => rule,
        None => AccessRule::Free,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        playback::{Denied, Request, may_play},
        video::VideoStatus,
    };

    fn watch(progress: f64) -> Watch {
        Watch { progress, completed: progress >= crate::playback::COMPLETED_FROM }
    }

    #[test]
    fn who_has_not_begun_counts_as_nothing() {
        let stats = ClassStats::new(4, [watch(1.0), watch(0.9), watch(0.1)]);
        let expected = ClassStats { total_students: 4, completed_100: 1, completed_90: 2, avg_progress: 0.5 };
        assert_eq!(stats, expected);
        assert_eq!(ClassStats::new(0, []), ClassStats::default());
    }

    #[test]
    fn the_effective_rule_is_what_play_goes_by() {
        for enrolled in [false, true] {
            for rule in [None, Some(AccessRule::Free), Some(AccessRule::Once), Some(AccessRule::Blocked)] {
                for completed in [false, true] {
                    let status = VideoStatus::Ready;
                    let request = Request { status, has_version: true, enrolled, rule, completed };
                    let allowed = match effective_rule(enrolled, rule) {
                        AccessRule::Free => true,
                        AccessRule::Once => !completed,
                        AccessRule::Blocked => false,
                    };
                    assert_eq!(may_play(request).is_ok(), allowed, "{request:?}");
                    let is_blocked = may_play(request) == Err(Denied::Blocked);
                    assert!(!is_blocked || effective_rule(enrolled, rule) == AccessRule::Blocked);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_numbers_do_not_depend_on_the_order(
            parts in proptest::collection::vec(0.0f64..=1.0, 0..200), absent in 0u64..50,
        ) {
            let total = parts.len() as u64 + absent;
            let forward = ClassStats::new(total, parts.iter().copied().map(watch));
            let mut backward = ClassStats::new(total, parts.iter().rev().copied().map(watch));
            prop_assert!((forward.avg_progress - backward.avg_progress).abs() <= 1e-6);
            backward.avg_progress = forward.avg_progress;
            prop_assert_eq!(forward, backward);
            prop_assert!(forward.completed_100 <= forward.completed_90 && forward.completed_90 <= total);
            prop_assert!((0.0..=1.0).contains(&forward.avg_progress));
        }
    }
}
