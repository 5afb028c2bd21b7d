//! What completes a lesson (seeds 000 and 001 §4.7), by its kind, and what completes a course.
//!
//! | kind | completed |
//! | --- | --- |
//! | video | when 90 % were watched, by progress that is trusted ([`crate::playback::progress`]) |
//! | quiz | by an attempt that passed |
//! | text, file | when it was opened and its least time is over, by the server's clock |
//!
//! The least time keeps a whole course from being clicked through; it must never hold up who has really read. So it is half of what an average
//! reader needs.

use std::collections::HashSet;

use kernel::{Id, Timestamp, id::kinds};

/// Characters of a text that take a second at least. Adults read 238 words of English non-fiction a minute on average (M. Brysbaert, "How many
/// words do we read per minute?", Journal of Memory and Language 109, 2019), with six characters a word 24 a second; who skims is twice as
/// fast. In scripts with more meaning in a character, such as Korean, it asks for less of the average reader's time still.
pub const CHARACTERS_A_SECOND: u64 = 48;
/// Least time of any text, in seconds: to see that it is one.
pub const TEXT_SECONDS_MIN: u64 = 5;
/// Least time for each file of a lesson, in seconds: to fetch it and look at its first page. No standard says it; it is this platform's choice.
pub const FILE_SECONDS: u64 = 10;

/// Least time of a text with so many characters, in seconds.
pub const fn least_seconds_of_text(characters: u64) -> u64 {
    let reading = characters.div_ceil(CHARACTERS_A_SECOND);
    if reading < TEXT_SECONDS_MIN { TEXT_SECONDS_MIN } else { reading }
}

/// Least time of a lesson with so many files and nothing else, in seconds.
pub const fn least_seconds_of_files(files: u32) -> u64 {
    files as u64 * FILE_SECONDS
}

/// What is known of a student and a lesson, by the kind of the lesson.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Of a video: how much of it counts as watched, 0 to 1, and whether that was enough once.
    Video {
        /// Part that was watched.
        progress: f64,
        /// Whether [`crate::playback::progress::COMPLETED_FROM`] was reached.
        completed: bool,
    },
    /// Of a text or of files.
    Reading {
        /// Seconds that the student spent with it; `None` when he has not opened it.
        spent_seconds: Option<u64>,
        /// Its least time.
        least_seconds: u64,
    },
    /// Of a quiz.
    Quiz {
        /// Whether an attempt has passed.
        passed: bool,
    },
}

/// What a lesson still lacks to be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// More must be watched; so many whole percent are.
    Watching {
        /// Percent that were watched.
        watched_percent: u32,
    },
    /// The quiz must be passed.
    Passing,
    /// The student has not opened it.
    Opening,
    /// He must spend more time with it.
    Time {
        /// Seconds that are left.
        seconds_left: u64,
    },
}

/// What a lesson lacks; `None` when the student has completed it.
pub fn lacks(evidence: Evidence) -> Option<Lacks> {
    match evidence {
        Evidence::Video { completed: true, .. } | Evidence::Quiz { passed: true } => None,
        Evidence::Video { progress, completed: false } => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 100 by the clamp; rounded down, so that 89.9 is not shown as enough"
            )]
            let watched_percent = (progress.clamp(0.0, 1.0) * 100.0) as u32;
            Some(Lacks::Watching { watched_percent })
        }
        Evidence::Quiz { passed: false } => Some(Lacks::Passing),
        Evidence::Reading { spent_seconds: None, .. } => Some(Lacks::Opening),
        Evidence::Reading { spent_seconds: Some(spent), least_seconds } => {
            let seconds_left = least_seconds.saturating_sub(spent);
            (seconds_left > 0).then_some(Lacks::Time { seconds_left })
        }
    }
}

/// Whole seconds since a lesson was opened, by the server's clock: no more than these can have been spent with it.
pub fn elapsed_seconds(opened_at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(opened_at).as_secs()).unwrap_or(0)
}

/// The time spent with a lesson after a claim: the greatest claim as far as the server's clock allows. It never falls, and claims that come
/// twice or in another order lead to the same.
pub fn spent_seconds(before: u64, claimed: u64, opened_at: Timestamp, now: Timestamp) -> u64 {
    before.max(claimed.min(elapsed_seconds(opened_at, now)))
}

/// Whether these completed lessons are all lessons that the course has. Those that it had once do not count; a course without lessons is
/// never completed.
pub fn completes_course(
    lessons: impl IntoIterator<Item = Id<kinds::Lesson>>,
    completed: &HashSet<Id<kinds::Lesson>>,
) -> bool {
    let mut lessons = lessons.into_iter().peekable();
    lessons.peek().is_some() && lessons.all(|lesson| completed.contains(&lesson))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_says_what_it_lacks() {
        let reading = |spent_seconds, least_seconds| Evidence::Reading { spent_seconds, least_seconds };
        for (evidence, expected) in [
            (Evidence::Video { progress: 0.9, completed: true }, None),
            (
                Evidence::Video { progress: 0.899, completed: false },
                Some(Lacks::Watching { watched_percent: 89 }),
            ),
            (
                Evidence::Video { progress: 0.0, completed: false },
                Some(Lacks::Watching { watched_percent: 0 }),
            ),
            (Evidence::Quiz { passed: true }, None),
            (Evidence::Quiz { passed: false }, Some(Lacks::Passing)),
            (reading(None, 5), Some(Lacks::Opening)),
            (reading(None, 0), Some(Lacks::Opening)),
            (reading(Some(0), 5), Some(Lacks::Time { seconds_left: 5 })),
            (reading(Some(4), 5), Some(Lacks::Time { seconds_left: 1 })),
            (reading(Some(5), 5), None),
            (reading(Some(6), 5), None),
        ] {
            assert_eq!(lacks(evidence), expected, "{evidence:?}");
        }
    }

    #[test]
    fn least_times_follow_from_the_content() {
        for (characters, seconds) in [(0, 5), (240, 5), (241, 6), (4_800, 100), (50_000, 1_042)] {
            assert_eq!(least_seconds_of_text(characters), seconds, "{characters}");
        }
        assert_eq!((least_seconds_of_files(0), least_seconds_of_files(3)), (0, 30));
    }

    /// A moment of a test, in seconds.
    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    /// A lesson with this number.
    fn lesson(number: u8) -> Id<kinds::Lesson> {
        format!("00000000-0000-0000-0000-{number:012}").parse().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn claimed_time_never_falls_and_never_exceeds_the_clock(
            claims in prop::collection::vec((0u64..10_000, 0i64..100), 1..20),
        ) {
            let (mut spent, mut now) = (0, 0);
            for (claimed, wait) in claims {
                now += wait;
                let after = spent_seconds(spent, claimed, at(0), at(now));
                prop_assert!(after >= spent && after <= u64::try_from(now).unwrap());
                prop_assert_eq!(spent_seconds(after, claimed, at(0), at(now)), after, "a claim that comes twice");
                spent = after;
            }
            prop_assert_eq!(spent_seconds(spent, 0, at(0), at(-1_000)), spent, "a clock that goes back");
        }

        #[test]
        fn claims_at_one_moment_lead_to_the_same_in_any_order(
            (sent, received) in prop::collection::vec(0u64..1_000, 1..10)
                .prop_flat_map(|sent| (Just(sent.clone()), Just(sent).prop_shuffle())),
            now in 0i64..1_000,
        ) {
            let all = |claims: &[u64]| claims.iter().fold(0, |spent, claim| spent_seconds(spent, *claim, at(0), at(now)));
            prop_assert_eq!(all(&sent), all(&received));
        }

        #[test]
        fn a_course_is_completed_by_all_lessons_that_it_has(
            has in prop::collection::hash_set(0u8..12, 0..8), done in prop::collection::hash_set(0u8..12, 0..12),
        ) {
            let completed: HashSet<_> = done.iter().copied().map(lesson).collect();
            let expected = !has.is_empty() && has.is_subset(&done);
            prop_assert_eq!(completes_course(has.into_iter().map(lesson), &completed), expected);
        }
    }
}
