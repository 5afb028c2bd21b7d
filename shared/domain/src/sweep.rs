//! What the janitor looks at.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Kind of a reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SweepKind {
    /// An upload that may be abandoned, or whose S3 event may be lost.
    Upload,
    /// A version whose processing may be stuck.
    Processing,
    /// A playback session that may have ended without a word.
    Playback,
    /// A deleted video whose objects are still there.
    Purge,
    /// A file that may belong to no lesson, or belongs to none any more.
    Resource,
    /// An enrolment whose time may be over.
    Enrollment,
    /// A version of a video that may be of no use any more.
    Version,
    /// A play whose events are old enough for the archive. Many are archived together.
    Archive,
}

impl SweepKind {
    /// Every kind whose reminders are looked at one by one: all but [`Self::Archive`].
    pub const ONE_BY_ONE: [Self; 7] = [
        Self::Upload,
        Self::Processing,
        Self::Playback,
        Self::Purge,
        Self::Resource,
        Self::Enrollment,
        Self::Version,
    ];
}

impl fmt::Display for SweepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upload => "UPLOAD",
            Self::Processing => "PROCESSING",
            Self::Playback => "PLAYBACK",
            Self::Purge => "PURGE",
            Self::Resource => "RESOURCE",
            Self::Enrollment => "ENROLLMENT",
            Self::Version => "VERSION",
            Self::Archive => "ARCHIVE",
        })
    }
}
