//! How much time counts as learnt. Each rule gives all that counts so far, which only grows, so that what is new is a difference: a report
//! that comes twice adds nothing.

use crate::course::LessonKind;

/// Time with a text or files counts up to so many times their least time, which is half of what an average reader needs
/// ([`crate::learning::completion`]): a page that is left open overnight is not a night of learning.
pub const READING_TIMES_LEAST: u64 = 8;
/// Most time with a quiz that counts, in seconds.
pub const QUIZ_SECONDS_MAX: u64 = 1_800;

/// How much of the time that was spent with a lesson counts, in seconds. A text or files that were completed count as their least time at
/// least. Of a video its player's reports count instead ([`watched_ms`]).
pub fn creditable_seconds(kind: LessonKind, spent: u64, least: u64, completed: bool) -> u64 {
    match kind {
        LessonKind::Video => 0,
        LessonKind::Quiz => spent.min(QUIZ_SECONDS_MAX),
        LessonKind::Text | LessonKind::File => {
            let done = if completed { least } else { 0 };
            spent.min(least.saturating_mul(READING_TIMES_LEAST)).max(done)
        }
    }
}

/// How much of a video of so many seconds counts when this part of it, 0 to 1, was watched, in milliseconds. Each second counts once, however
/// often it is played: hours can't be collected by a film that plays in a loop.
pub fn watched_ms(part: f64, duration_seconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative by the clamps, and far below 2^53: a part of a video's length"
    )]
    let ms = (part.clamp(0.0, 1.0) * duration_seconds.max(0.0) * 1_000.0).round() as u64;
    ms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_counts_of_each_kind() {
        use LessonKind::{File, Quiz, Text, Video};
        for (kind, spent, least, completed, counts) in [
            (Text, 0, 5, false, 0),
            (Text, 3, 5, false, 3),
            (Text, 3, 5, true, 5),
            (Text, 40, 5, true, 40),
            (Text, 41, 5, true, 40),
            (File, 1_000_000, 30, false, 240),
            (Quiz, 600, 0, false, 600),
            (Quiz, 36_000, 0, true, 1_800),
            (Video, 600, 0, true, 0),
        ] {
            assert_eq!(creditable_seconds(kind, spent, least, completed), counts, "{kind:?} {spent} {least}");
        }
        assert_eq!((watched_ms(0.5, 100.0), watched_ms(1.5, 0.4), watched_ms(-1.0, 9.0)), (50_000, 400, 0));
    }

    proptest! {
        #[test]
        fn it_only_grows(
            (spent, more, least) in (0u64..100_000, 0u64..100_000, 0u64..10_000),
            (part, further) in (0.0f64..1.0, 0.0f64..1.0),
        ) {
            for kind in [LessonKind::Text, LessonKind::File, LessonKind::Quiz, LessonKind::Video] {
                let before = creditable_seconds(kind, spent, least, false);
                prop_assert!(creditable_seconds(kind, spent + more, least, false) >= before);
                prop_assert!(creditable_seconds(kind, spent, least, true) >= before);
            }
            prop_assert!(watched_ms(part.max(further), 5_400.0) >= watched_ms(part, 5_400.0));
        }
    }
}
