//! What the count of an enrolment's completed lessons should be, from what is stored of its lessons.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use kernel::{Id, id::kinds};

/// What is stored of an enrolment and the course that it is in.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// The lessons of the course, with their videos.
    pub lessons: &'a HashMap<Id<kinds::Lesson>, Option<Id<kinds::Video>>>,
    /// Lessons that are completed, those that have gone from the course among them.
    pub completed: &'a HashSet<Id<kinds::Lesson>>,
    /// Videos that were completed, and counted, when lessons were not kept one by one.
    pub counted_videos: &'a HashSet<Id<kinds::Video>>,
}

impl Stored<'_> {
    /// What the count may be. Each completed lesson is counted once, also after it has gone from the course; one whose video was counted before there
    /// were lessons is not counted again. Of lessons that have gone nobody knows the video any more: only these make it more than one number.
    pub fn count(&self) -> RangeInclusive<u32> {
        let video_of = |lesson: &Id<kinds::Lesson>| self.lessons.get(lesson).copied().flatten();
        let counted_before =
            |lesson: &&Id<_>| video_of(lesson).is_some_and(|video| self.counted_videos.contains(&video));
        let twice = self.completed.iter().filter(counted_before).count();
        let gone = self.completed.iter().filter(|lesson| !self.lessons.contains_key(lesson)).count();
        let videos: HashSet<_> = self.lessons.values().flatten().collect();
        let gone_videos = self.counted_videos.iter().filter(|video| !videos.contains(video)).count();
        let most = (self.completed.len() + self.counted_videos.len()).saturating_sub(twice);
        let least = most.saturating_sub(gone.min(gone_videos));
        as_count(least)..=as_count(most)
    }

    /// The count as it should be: as it is where that may be, else the nearest that may.
    pub fn mended(&self, count: u32) -> u32 {
        let range = self.count();
        count.clamp(*range.start(), *range.end())
    }

    /// Which lessons of the course are completed.
    pub fn completed_in_course(&self) -> HashSet<Id<kinds::Lesson>> {
        let by_video =
            |video: Option<Id<kinds::Video>>| video.is_some_and(|video| self.counted_videos.contains(&video));
        let lessons = self.lessons.iter();
        let completed =
            lessons.filter(|(lesson, video)| self.completed.contains(lesson) || by_video(**video));
        completed.map(|(lesson, _)| *lesson).collect()
    }
}

fn as_count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::learning::completes_course;

    fn lesson(number: u8) -> Id<kinds::Lesson> {
        Id::of_text(format!("lesson {number}"))
    }

    fn video(number: u8) -> Id<kinds::Video> {
        Id::of_text(format!("video {number}"))
    }

    #[test]
    fn a_lesson_that_has_gone_stays_counted() {
        let lessons = HashMap::from([(lesson(1), None), (lesson(2), Some(video(2)))]);
        let completed = HashSet::from([lesson(1), lesson(7)]);
        let stored = Stored { lessons: &lessons, completed: &completed, counted_videos: &HashSet::new() };
        assert_eq!(stored.count(), 2..=2);
        assert_eq!((stored.mended(2), stored.mended(0), stored.mended(9)), (2, 2, 2));
        assert_eq!(stored.completed_in_course(), HashSet::from([lesson(1)]));
    }

    #[test]
    fn a_video_that_was_counted_before_is_counted_once() {
        let lessons = HashMap::from([(lesson(1), Some(video(1))), (lesson(2), Some(video(2)))]);
        let (completed, counted) = (HashSet::from([lesson(1)]), HashSet::from([video(1), video(2)]));
        let stored = Stored { lessons: &lessons, completed: &completed, counted_videos: &counted };
        assert_eq!(stored.count(), 2..=2);
        assert_eq!(stored.completed_in_course().len(), 2);
        // Whether the lesson that has gone was that of the video which has gone, nobody knows.
        let lessons = HashMap::from([(lesson(2), Some(video(2)))]);
        let stored = Stored { lessons: &lessons, ..stored };
        assert_eq!(stored.count(), 2..=3);
        assert_eq!((stored.mended(1), stored.mended(2), stored.mended(3), stored.mended(4)), (2, 2, 3, 3));
    }

    /// What happens to an enrolment.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// A video is completed in the time before lessons.
        Before(u8),
        /// A lesson is completed.
        Complete(u8),
        /// A lesson goes.
        Remove(u8),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let old = prop::collection::vec((0..6u8).prop_map(Step::Before), 0..4);
        let new = prop_oneof![(0..6u8).prop_map(Step::Complete), (0..6u8).prop_map(Step::Remove)];
        (old, prop::collection::vec(new, 0..20)).prop_map(|(old, new)| old.into_iter().chain(new).collect())
    }

    proptest! {
        #[test]
        fn what_was_counted_step_by_step_is_right_and_stays(steps in steps(), wrong: u32) {
            let mut lessons: HashMap<_, _> = (0..6).map(|n| (lesson(n), (n % 2 == 0).then(|| video(n)))).collect();
            let (mut completed, mut counted, mut count) = (HashSet::new(), HashSet::new(), 0_u32);
            for step in steps {
                match step {
                    Step::Before(n) => {
                        if n % 2 == 0 && counted.insert(video(n)) {
                            count += 1;
                        }
                    }
                    Step::Complete(n) => {
                        if lessons.contains_key(&lesson(n)) && completed.insert(lesson(n)) && !counted.contains(&video(n)) {
                            count += 1;
                        }
                    }
                    Step::Remove(n) => {
                        lessons.remove(&lesson(n));
                    }
                }
            }
            let stored = Stored { lessons: &lessons, completed: &completed, counted_videos: &counted };
            prop_assert!(stored.count().contains(&count), "{count} is not in {:?}", stored.count());
            prop_assert_eq!(stored.mended(count), count);
            prop_assert_eq!(stored.mended(stored.mended(wrong)), stored.mended(wrong));
            // With fewer than the course has the last lesson can't be completed.
            if completes_course(lessons.keys().copied(), &stored.completed_in_course()) {
                prop_assert!(stored.mended(wrong) as usize >= lessons.len());
            }
        }
    }
}
