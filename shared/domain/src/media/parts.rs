//! The parts of a plan: what runs in parallel, each in a function of its own.

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

    /// The numbers of all parts in the order in which they are begun. The sound is first: it is the longest that can't
    /// be cut (spec 08).
    pub fn order(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.parts()).collect();
        numbers.sort_by_key(|number| match self.part(*number) {
            Some(PartKind::Audio) => (0, *number),
            _ => (1, *number),
        });
        numbers
    }
}
