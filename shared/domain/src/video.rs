//! Videos and their versions: states, who may see them, and how far their processing is.

use std::{collections::BTreeSet, fmt};

use kernel::SignedDuration;
use serde::{Deserialize, Serialize};

/// Longest title in characters (seed 003, Video).
pub const TITLE_MAX: usize = 200;
/// Longest description in characters (seed 003, Video).
pub const DESCRIPTION_MAX: usize = 10_000;
/// The slowest and the fastest highest speed that a video may allow: what HTMLMediaElement.playbackRate plays with sound (Chromium).
pub const MAX_SPEED: std::ops::RangeInclusive<f64> = 0.25..=16.0;

/// When the sweeper looks at a video that was put back to work, in case the messages that should follow were lost.
pub const RETRY_LOOK: SignedDuration = SignedDuration::from_mins(10);

/// State of a video (seeds 002 and 003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum VideoStatus {
    /// Waits for its file.
    Pending,
    /// The file is there.
    Uploaded,
    /// Being encoded.
    Processing,
    /// Can be played.
    Ready,
    /// Could not be encoded; `error_reason` says why.
    Failed,
    /// Can be played and is listed.
    Published,
    /// Taken out of lists by its owner; can't be played.
    Archived,
}

impl VideoStatus {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Uploaded,
        Self::Processing,
        Self::Ready,
        Self::Failed,
        Self::Published,
        Self::Archived,
    ];

    /// Whether it can be played.
    pub const fn is_playable(self) -> bool {
        matches!(self, Self::Ready | Self::Published)
    }

    /// Whether its file or its encoding is still awaited.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Pending | Self::Uploaded | Self::Processing)
    }

    /// The states from which it may come to this one. Nothing leads back to waiting for a file, and only a failure or a
    /// retry leads back at all: a message that is late or doubled changes nothing.
    pub const fn reached_from(self) -> &'static [Self] {
        match self {
            Self::Pending => &[],
            // A failure before there was a plan begins again with the check of the file.
            Self::Uploaded => &[Self::Pending, Self::Failed],
            // The S3 event can be faster than the client's word that the upload is complete.
            Self::Processing => &[Self::Pending, Self::Uploaded, Self::Failed],
            Self::Ready => &[Self::Processing],
            Self::Failed => &[Self::Pending, Self::Uploaded, Self::Processing],
            Self::Published => &[Self::Processing, Self::Ready, Self::Archived],
            Self::Archived => &[Self::Ready, Self::Published],
        }
    }

    /// Whether it may become `next`.
    pub fn may_become(self, next: Self) -> bool {
        next.reached_from().contains(&self)
    }
}

impl fmt::Display for VideoStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "PENDING",
            Self::Uploaded => "UPLOADED",
            Self::Processing => "PROCESSING",
            Self::Ready => "READY",
            Self::Failed => "FAILED",
            Self::Published => "PUBLISHED",
            Self::Archived => "ARCHIVED",
        })
    }
}

/// State of a version's encoding (seed 003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum TranscodingStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Every segment and playlist exists.
    Completed,
    /// Stopped by an error.
    Failed,
}

/// Who may see a video outside of a course (seed 003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Who has the link.
    Unlisted,
    /// The owner, and who is enrolled in its course.
    Private,
}

impl Visibility {
    /// Whether a video in this state has a page that strangers see: published, for all or for who has the link.
    pub const fn shows_strangers(self, status: VideoStatus) -> bool {
        matches!(status, VideoStatus::Published) && matches!(self, Self::Public | Self::Unlisted)
    }
}

/// What the player lets students do, unless the owner says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolicyDefaults {
    /// Whether they may seek.
    pub allow_skip: bool,
    /// Highest speed.
    pub max_speed: f64,
    /// Whether the player shows who watches.
    pub show_watermark: bool,
    /// Who may see the video.
    pub visibility: Visibility,
}

impl PolicyDefaults {
    /// A video of a course: lessons are watched in full, by those who are enrolled (seed 002, Video).
    pub const COURSE: Self =
        Self { allow_skip: false, max_speed: 1.0, show_watermark: true, visibility: Visibility::Private };
    /// A video of a channel alone: public once it is published (seed 003, Video), and played as its viewers like.
    pub const CHANNEL: Self =
        Self { allow_skip: true, max_speed: 2.0, show_watermark: false, visibility: Visibility::Public };
}

/// The parts of a plan that are not done: they are numbered from 0.
pub fn missing_parts(total: u32, done: &BTreeSet<u32>) -> Vec<u32> {
    (0..total).filter(|part| !done.contains(part)).collect()
}

/// A step of the processing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The file is sent.
    Upload,
    /// The file is checked and the work is planned.
    Check,
    /// Picture and sound are encoded, part by part.
    Encode,
    /// Playlists and pictures are written.
    Package,
}

/// State of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// Stopped by an error.
    Failed,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepProgress {
    /// Which.
    pub step: Step,
    /// Its state.
    pub state: StepState,
    /// Units that are done.
    pub done: u32,
    /// Units in all.
    pub total: u32,
}

/// How far a video is on its way from file to stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The steps in order.
    pub steps: [StepProgress; 4],
    /// 0 to 100; 100 only when it can be played.
    pub percentage: u32,
}

/// What is finished when a step ends, in percent. Encoding is nearly all of the time.
const UPLOADED_PERCENT: u32 = 5;
const CHECKED_PERCENT: u32 = 10;
const ENCODED_PERCENT: u32 = 95;

impl Progress {
    /// The progress of a video in this state, of whose plan `parts_done` of `parts_total` are done (0 of 0 before there is a plan).
    pub fn new(status: VideoStatus, parts_done: u32, parts_total: u32) -> Self {
        let planned = parts_total > 0;
        let encoded = planned && parts_done >= parts_total;
        let finished = !status.is_under_way() && status != VideoStatus::Failed;
        // The first step that is not done; 4 when all are.
        let current = match status {
            _ if finished => 4,
            VideoStatus::Pending => 0,
            _ if encoded => 3,
            _ if planned => 2,
            _ => 1,
        };
        let state = |index: usize| match index.cmp(&current) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Greater => StepState::Waiting,
            std::cmp::Ordering::Equal if status == VideoStatus::Failed => StepState::Failed,
            // A file that waits for its check is not being checked yet.
            std::cmp::Ordering::Equal if status == VideoStatus::Uploaded && !planned => StepState::Waiting,
            std::cmp::Ordering::Equal => StepState::Running,
        };
        let one = |index: usize, step: Step| {
            let state = state(index);
            StepProgress { step, state, done: u32::from(state == StepState::Done), total: 1 }
        };
        let encode =
            StepProgress { done: parts_done.min(parts_total), total: parts_total, ..one(2, Step::Encode) };
        let percentage = match current {
            0 => 0,
            1 => UPLOADED_PERCENT,
            2 => {
                let share = u64::from(ENCODED_PERCENT - CHECKED_PERCENT) * u64::from(parts_done)
                    / u64::from(parts_total);
                CHECKED_PERCENT + u32::try_from(share).unwrap_or(0)
            }
            3 => ENCODED_PERCENT,
            _ => 100,
        };
        Self { steps: [one(0, Step::Upload), one(1, Step::Check), encode, one(3, Step::Package)], percentage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_leads_back_to_waiting_and_only_a_failure_leads_back_at_all() {
        use VideoStatus::{Archived, Failed, Pending, Processing, Published, Ready, Uploaded};
        for from in VideoStatus::ALL {
            assert!(!from.may_become(Pending) && !from.may_become(from), "{from}");
        }
        for from in [Processing, Ready, Published, Archived] {
            assert!(!from.may_become(Uploaded), "{from}: a late word that the upload is complete");
        }
        for from in [Ready, Published, Archived] {
            assert!(!from.may_become(Processing) && !from.may_become(Failed), "{from}: a late message");
        }
        assert!(Failed.may_become(Uploaded) && Failed.may_become(Processing) && !Failed.may_become(Ready));
        assert!(Pending.may_become(Processing) && !Pending.may_become(Ready));
        assert!(Archived.may_become(Published) && !Archived.may_become(Ready));
    }

    #[test]
    fn strangers_see_what_is_published_and_not_private() {
        for status in VideoStatus::ALL {
            let published = status == VideoStatus::Published;
            assert!(!Visibility::Private.shows_strangers(status), "{status}");
            assert_eq!(Visibility::Public.shows_strangers(status), published, "{status}");
            assert_eq!(Visibility::Unlisted.shows_strangers(status), published, "{status}");
        }
    }

    #[test]
    fn progress_of_each_state() {
        use StepState::{Done, Failed, Running, Waiting};
        use VideoStatus as V;
        for (status, done, total, states, percentage) in [
            (V::Pending, 0, 0, [Running, Waiting, Waiting, Waiting], 0),
            (V::Uploaded, 0, 0, [Done, Waiting, Waiting, Waiting], 5),
            (V::Processing, 0, 0, [Done, Running, Waiting, Waiting], 5),
            (V::Processing, 0, 8, [Done, Done, Running, Waiting], 10),
            (V::Processing, 4, 8, [Done, Done, Running, Waiting], 52),
            (V::Processing, 8, 8, [Done, Done, Done, Running], 95),
            (V::Ready, 8, 8, [Done, Done, Done, Done], 100),
            (V::Published, 8, 8, [Done, Done, Done, Done], 100),
            (V::Failed, 0, 0, [Done, Failed, Waiting, Waiting], 5),
            (V::Failed, 4, 8, [Done, Done, Failed, Waiting], 52),
        ] {
            let progress = Progress::new(status, done, total);
            assert_eq!(progress.steps.map(|step| step.state), states, "{status} {done}/{total}");
            assert_eq!(progress.percentage, percentage, "{status} {done}/{total}");
        }
    }

    proptest! {
        #[test]
        fn more_parts_never_mean_less_progress(total in 1u32..5_000, done in 0u32..5_000) {
            let done = done.min(total);
            let percent = |done| Progress::new(VideoStatus::Processing, done, total).percentage;
            prop_assert!(percent(done) <= percent((done + 1).min(total)));
            prop_assert!(percent(done) < 100);
        }

        #[test]
        fn missing_and_done_make_up_the_plan(total in 0u32..200, done in proptest::collection::btree_set(0u32..200, 0..50)) {
            let missing = missing_parts(total, &done);
            prop_assert!(missing.iter().all(|part| *part < total && !done.contains(part)));
            let of_plan = done.iter().filter(|part| **part < total).count();
            prop_assert_eq!(missing.len() + of_plan, total as usize);
        }
    }
}
