//! The rules of the media pipeline, without any input or output: what a source file is
//! ([`SourceInfo`]), whether it is accepted ([`judge`]) and what is made from it ([`TranscodePlan`]).
//!
//! Everything here is deterministic: the same source and profile always give the same plan, so a job
//! that is killed and started again, or delivered twice, does the same work and writes the same bytes.

mod cadence;
mod ladder;
mod parts;
mod plan;
mod planning;
mod probe;
mod rational;
mod refusal;
mod sniff;
mod straggler;

pub use cadence::{Cadence, MAX_FRAME_RATE, measure};
pub use ladder::{LADDER, Rung, ladder};
pub use parts::{PartKind, VersionPlan};
pub use plan::{
    AudioMode, AudioPlan, Chunk, GOP_SECONDS, Profile, SEGMENT_GOPS, Segment, StoryboardPlan, TranscodePlan,
    VideoPlan,
};
pub use planning::plan;
pub use probe::{AudioSource, Color, SourceInfo, VideoSource};
pub use rational::Rational;
pub use refusal::{Limits, Refusal, judge};
pub use sniff::{Container, LooksLike, Sniffed, sniff};
pub use straggler::Running;

/// Name of the master playlist of a version, without subtitles.
pub const MASTER: &str = "master.m3u8";

#[cfg(test)]
mod tests;
