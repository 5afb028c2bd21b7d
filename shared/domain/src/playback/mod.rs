//! Rules of playback (seed 002): who may play, under which policy, what breaks it, and how far somebody has watched.

mod access;
mod events;
mod policy;
mod progress;

pub use access::{AccessRule, Denied, PlaybackStatus, Request, may_play};
pub use events::{EventKind, ReportedKind, Violation, judge};
pub use policy::{
    ConcurrencyPolicy, Limits, Overrides, Policy, RatePolicy, VideoDefaults, WatermarkPolicy,
    effective_policy,
};
pub use progress::{COMPLETED_FROM, Report, Watched};
