//! Rules of playback (seed 002): who may play, under which policy, what breaks it, and how far somebody has watched.

mod access;
mod archived;
mod audience;
mod class;
mod events;
#[cfg(test)]
mod oracle;
mod policy;
mod progress;
#[cfg(test)]
mod table;

pub use access::{AccessRule, Denied, PlaybackStatus, Request, may_play};
pub use archived::{ARCHIVED_AFTER, ArchivedEvent, archived_payload, pseudonym};
pub use audience::{ADULT_YEARS, Audience, Place, Viewer, Withheld, may_watch_here};
pub use class::{ClassStats, Watch, effective_rule};
pub use events::{EventKind, ReportedKind, Violation, judge};
pub use policy::{
    ConcurrencyPolicy, Limits, Overrides, Policy, RatePolicy, VideoDefaults, WatermarkPolicy,
    effective_policy,
};
pub use progress::{COMPLETED_FROM, Report, Watched};
