//! Versions of a video: a new file takes the place of the one that plays once it is whole, and the old one stays for a while
//! (seed 003, VideoVersion: "Clean up old video versions after retention period").

use kernel::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::video::{TranscodingStatus, VideoStatus};

/// How long a version stays that does not play: its owner may go back to it, and plays that began with it go on.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Longest life of signed cookies, in seconds (spec 06: not longer than 15 minutes).
pub const COOKIE_LIFE_MAX: i64 = 900;
/// From the moment when nothing gives out cookies for a version any more until its files go: the longest life of cookies, and five
/// minutes for requests that were under way.
pub const GRACE: SignedDuration = SignedDuration::from_secs(COOKIE_LIFE_MAX + 300);
/// The highest number: keys have four digits.
pub const NUMBER_MAX: u32 = 9_999;

/// State of a version, as its owner sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum VersionState {
    /// Waits for its file.
    Pending,
    /// The file is there.
    Uploaded,
    /// Being encoded.
    Processing,
    /// It is the one that plays.
    Active,
    /// It can be made the one that plays.
    Kept,
    /// Could not be encoded.
    Failed,
}

/// What is known of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How far its encoding is.
    pub transcoding: TranscodingStatus,
    /// Whether its upload was completed.
    pub has_file: bool,
    /// Whether it is the one that plays.
    pub is_active: bool,
    /// Since when it is of no use: it was replaced, or failed.
    pub idle_since: Option<Timestamp>,
    /// When it was given up for good.
    pub retired_at: Option<Timestamp>,
}

impl Facts {
    /// Its state.
    pub const fn state(self) -> VersionState {
        match self.transcoding {
            TranscodingStatus::Pending if self.has_file => VersionState::Uploaded,
            TranscodingStatus::Pending => VersionState::Pending,
            TranscodingStatus::InProgress => VersionState::Processing,
            TranscodingStatus::Failed => VersionState::Failed,
            TranscodingStatus::Completed if self.is_active => VersionState::Active,
            TranscodingStatus::Completed => VersionState::Kept,
        }
    }

    /// What a reminder that was due at `due_at` finds to do.
    pub fn fate(self, due_at: Timestamp, now: Timestamp) -> Fate {
        if let Some(retired_at) = self.retired_at {
            let rest = (retired_at + GRACE).duration_since(now);
            return if rest > SignedDuration::ZERO { Fate::Waits(rest) } else { Fate::Goes };
        }
        let is_idle = match self.transcoding {
            // A failure or a replacement writes the next reminder.
            TranscodingStatus::Pending | TranscodingStatus::InProgress => false,
            TranscodingStatus::Completed => !self.is_active,
            TranscodingStatus::Failed => true,
        };
        match self.idle_since {
            // It was used again since this reminder was written, and has a later one.
            Some(since) if is_idle && due_at >= since + RETENTION => Fate::Retires,
            _ => Fate::Stays,
        }
    }
}

impl VersionState {
    /// The state of a video that had only this version, for its steps ([`crate::video::Progress`]).
    pub const fn as_video(self) -> VideoStatus {
        match self {
            Self::Pending => VideoStatus::Pending,
            Self::Uploaded => VideoStatus::Uploaded,
            Self::Processing => VideoStatus::Processing,
            Self::Active | Self::Kept => VideoStatus::Ready,
            Self::Failed => VideoStatus::Failed,
        }
    }

    /// Whether its file or its encoding is still awaited.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Pending | Self::Uploaded | Self::Processing)
    }
}

/// What becomes of a version that somebody was to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing: it plays, is made, or is looked at again later.
    Stays,
    /// It is given up: from now on nothing plays it that does not already.
    Retires,
    /// It was given up, and cookies that open it may still work for so long.
    Waits(SignedDuration),
    /// Its files go.
    Goes,
}

/// Whether a version that has just become whole takes the place of the one that plays: when it is newer than all that ever played. So a late one
/// never pushes a newer one aside, nor an older one that the owner went back to.
pub fn goes_live(number: u32, newest_shown: Option<u32>) -> bool {
    newest_shown.is_none_or(|newest| number > newest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENCODINGS: [TranscodingStatus; 4] = [
        TranscodingStatus::Pending,
        TranscodingStatus::InProgress,
        TranscodingStatus::Completed,
        TranscodingStatus::Failed,
    ];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    fn idle(transcoding: TranscodingStatus) -> Facts {
        Facts { transcoding, has_file: true, is_active: false, idle_since: Some(at(0)), retired_at: None }
    }

    #[test]
    fn a_version_stays_for_a_week_and_its_files_until_no_cookie_opens_them() {
        let (due, kept) = (at(0) + RETENTION, idle(TranscodingStatus::Completed));
        assert_eq!(kept.fate(due, due), Fate::Retires);
        assert_eq!(kept.fate(due - SignedDuration::from_secs(1), due), Fate::Stays, "an earlier reminder");
        assert_eq!(Facts { is_active: true, ..kept }.fate(due, due), Fate::Stays, "it plays");
        let retired = Facts { retired_at: Some(due), ..kept };
        assert_eq!(
            retired.fate(due, due + SignedDuration::from_mins(15)),
            Fate::Waits(SignedDuration::from_mins(5))
        );
        assert_eq!(retired.fate(due, due + GRACE), Fate::Goes);
        assert_eq!(idle(TranscodingStatus::Failed).fate(due, due), Fate::Retires);
        assert_eq!(idle(TranscodingStatus::InProgress).fate(due, due), Fate::Stays, "it was retried");
    }

    #[test]
    fn states() {
        let pending = Facts { has_file: false, idle_since: None, ..idle(TranscodingStatus::Pending) };
        assert_eq!(pending.state(), VersionState::Pending);
        assert_eq!(Facts { has_file: true, ..pending }.state(), VersionState::Uploaded);
        assert_eq!(idle(TranscodingStatus::InProgress).state(), VersionState::Processing);
        assert_eq!(idle(TranscodingStatus::Failed).state(), VersionState::Failed);
        assert_eq!(idle(TranscodingStatus::Completed).state(), VersionState::Kept);
        let active = Facts { is_active: true, ..idle(TranscodingStatus::Completed) };
        assert_eq!(active.state(), VersionState::Active);
    }

    proptest! {
        /// Whatever the order in which versions become whole, the newest of them plays at the end.
        #[test]
        fn the_newest_plays_at_the_end(order in Just((1u32..=6).collect::<Vec<_>>()).prop_shuffle(), whole in 1usize..=6) {
            let mut newest = None;
            for number in &order[..whole] {
                if goes_live(*number, newest) {
                    newest = Some(*number);
                }
            }
            prop_assert_eq!(newest, order[..whole].iter().max().copied());
        }

        /// Files only go after the grace, and never of a version that plays and was not given up.
        #[test]
        fn files_go_only_after_the_grace(
            encoding in 0usize..4, is_active: bool, idle in proptest::option::of(0i64..2_000_000),
            retired in proptest::option::of(0i64..2_000_000), due in 0i64..4_000_000, now in 0i64..4_000_000,
        ) {
            let facts = Facts {
                transcoding: ENCODINGS[encoding], has_file: true, is_active,
                idle_since: idle.map(at), retired_at: retired.map(at),
            };
            match facts.fate(at(due), at(now)) {
                Fate::Goes => prop_assert!(retired.is_some_and(|retired| now >= retired + GRACE.as_secs())),
                Fate::Waits(rest) => prop_assert!(retired.is_some() && rest <= GRACE + SignedDuration::from_secs(2_000_000)),
                Fate::Retires => prop_assert!(retired.is_none() && idle.is_some() && facts.state() != VersionState::Active),
                Fate::Stays => prop_assert!(retired.is_none()),
            }
        }
    }
}
