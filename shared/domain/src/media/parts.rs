//! The parts of a plan: what runs in parallel, each in a function of its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Container, TranscodePlan};

/// What one part makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// All rungs of this chunk of the picture.
    Chunk(u32),
    /// The whole sound.
    Audio,
    /// The posters and the storyboard.
    Pictures,
}

/// All that a worker must know of a version. Stored once; every attempt at any part reads the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPlan {
    /// What the content is, which decides how it may be opened.
    pub container: Container,
    /// What is made of it.
    pub plan: TranscodePlan,
}

impl VersionPlan {
    /// How many parts there are: the chunks, the sound where there is one, the pictures.
    pub fn parts(&self) -> u32 {
        self.plan.chunks + u32::from(self.plan.audio.is_some()) + 1
    }

    /// What part `number` makes; `None` for a number that the plan does not have.
    pub fn part(&self, number: u32) -> Option<PartKind> {
        let after_chunks = number.checked_sub(self.plan.chunks);
        match (after_chunks, self.plan.audio.is_some()) {
            (None, _) => Some(PartKind::Chunk(number)),
            (Some(0), true) => Some(PartKind::Audio),
            (Some(0), false) | (Some(1), true) => Some(PartKind::Pictures),
            (Some(_), _) => None,
        }
    }

    /// The numbers of the parts that are not among those `done`, in the order in which they are begun. The sound is first:
    /// it is the longest that can't be cut (spec 08).
    pub fn missing(&self, done: &BTreeSet<u32>) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.parts()).filter(|number| !done.contains(number)).collect();
        numbers.sort_by_key(|number| match self.part(*number) {
            Some(PartKind::Audio) => (0, *number),
            _ => (1, *number),
        });
        numbers
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::media::{AudioSource, Color, Profile, Rational, SourceInfo, VideoSource, plan};

    /// A minute at 25 frames a second, with sound or without.
    pub(in crate::media) fn version(audio: bool) -> VersionPlan {
        let video = VideoSource {
            stream: 0,
            codec: "h264".into(),
            width: 1280,
            height: 720,
            coded_width: 1280,
            coded_height: 720,
            rotation: 0,
            sample_aspect: Rational::whole(1),
            pixel_format: "yuv420p".into(),
            bit_depth: 8,
            color: Color { matrix: None, primaries: None, transfer: None, full_range: false },
            interlaced: false,
            time_base: Rational::new(1, 12_800).unwrap(),
            start_pts: 0,
            last_pts: None,
            last_duration: 512,
            frame_rate: Rational::whole(25),
            is_vfr: false,
            frames: Some(1_500),
            keyframe_gap_ms: None,
        };
        let sound = AudioSource {
            stream: 1,
            codec: "aac".into(),
            profile: Some("LC".into()),
            sample_rate: 48_000,
            channels: 2,
            time_base: Rational::new(1, 48_000).unwrap(),
            first_pts: 0,
        };
        let source = SourceInfo {
            container: Container::Mp4,
            bytes: 1_000_000,
            streams: 2,
            duration_ms: Some(60_000),
            readable_ms: None,
            video: Some(video),
            audio: audio.then_some(sound),
        };
        VersionPlan { container: Container::Mp4, plan: plan(&source, &Profile::default()).unwrap() }
    }

    #[test]
    fn every_number_is_one_part_and_the_sound_begins() {
        for audio in [true, false] {
            let version = version(audio);
            let kinds: Vec<_> = (0..version.parts()).map(|number| version.part(number).unwrap()).collect();
            let count = |wanted: fn(&PartKind) -> bool| kinds.iter().filter(|kind| wanted(kind)).count();
            assert_eq!(count(|kind| matches!(kind, PartKind::Chunk(_))), version.plan.chunks as usize);
            assert_eq!(count(|kind| *kind == PartKind::Audio), usize::from(audio));
            assert_eq!(count(|kind| *kind == PartKind::Pictures), 1);
            assert_eq!(version.part(version.parts()), None);
            let first = version.part(version.missing(&BTreeSet::new())[0]).unwrap();
            assert_eq!(first == PartKind::Audio, audio);
        }
    }

    #[test]
    fn what_is_done_is_not_missing() {
        let version = version(true);
        let all: BTreeSet<u32> = (0..version.parts()).collect();
        assert!(version.missing(&all).is_empty());
        let mut most = all.clone();
        most.remove(&1);
        assert_eq!(version.missing(&most), [1]);
    }
}
