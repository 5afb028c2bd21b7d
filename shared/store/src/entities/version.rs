//! A version of a video (seed 003, VideoVersion), its plan, the parts of the plan and the assets that come out (seed 003, VideoAsset).

use std::collections::BTreeSet;

use domain::{
    version::Facts,
    video::{TranscodingStatus, VideoStatus},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{subtitle::Subtitled, sweep::Sweep, video::Video};
use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, TransactionError, Update};

/// One uploaded file of a video and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// From 1.
    pub version_number: u32,
    /// The source's key in the uploads bucket.
    pub source_object_key: String,
    /// The source's S3 version: what was checked is what is encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_version_id: Option<String>,
    /// Bytes.
    pub source_file_size_bytes: u64,
    /// Seconds.
    #[serde(default)]
    pub source_duration_seconds: f64,
    /// As `1920x1080`.
    #[serde(default)]
    pub source_resolution: String,
    /// As `h264`.
    #[serde(default)]
    pub source_codec: String,
    /// Name of the ladder.
    #[serde(default)]
    pub transcoding_profile_set: String,
    /// State.
    pub transcoding_status: TranscodingStatus,
    /// Start of the encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcoding_started_at: Option<Timestamp>,
    /// End of the encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcoding_completed_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default)]
    pub transcoding_error_message: String,
    /// Parts of the plan.
    #[serde(default)]
    pub parts_total: u32,
    /// Numbers of the parts that are done. A set: marking a part twice changes nothing, and the size of the set after
    /// the write says, exactly once, who was last.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "serde_dynamo::number_set")]
    pub parts_done: BTreeSet<u32>,
    /// Milliseconds that the chunks among them took, in sum: what a chunk that still runs is compared with.
    #[serde(default)]
    pub chunks_ms: u64,
    /// When its upload was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
    /// The posters that its owner may choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posters: Vec<Poster>,
    /// Which of them stands for it; the one in the middle unless its owner chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster_choice: Option<u32>,
    /// How it is played, where it has subtitles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitled: Option<Subtitled>,
    /// The version that played when this one came to its end: that whose place it took, or that which plays on since this one failed. None where none
    /// played: the video's own state tells of it then. It is what notices are made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<u32>,
    /// Since when it is of no use: it was replaced by another one, or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_since: Option<Timestamp>,
    /// When it was given up: nothing plays it any more that does not already, and its files go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
    /// When the messages of all parts were sent; without it, a redelivered message sends them again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts_sent_at: Option<Timestamp>,
    /// Last sign of progress; the sweeper reads it.
    pub progress_at: Timestamp,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Version {
    /// A version of which nothing but its source is known: so many bytes under this key of the uploads bucket.
    pub fn pending(
        video_id: Id<kinds::Video>,
        version_number: u32,
        (source_object_key, source_file_size_bytes): (String, u64),
        now: Timestamp,
    ) -> Self {
        Self {
            video_id,
            version_number,
            source_object_key,
            source_version_id: None,
            source_file_size_bytes,
            source_duration_seconds: 0.0,
            source_resolution: String::new(),
            source_codec: String::new(),
            transcoding_profile_set: String::new(),
            transcoding_status: TranscodingStatus::Pending,
            transcoding_started_at: None,
            transcoding_completed_at: None,
            transcoding_error_message: String::new(),
            parts_total: 0,
            parts_done: BTreeSet::new(),
            chunks_ms: 0,
            uploaded_at: None,
            posters: Vec::new(),
            poster_choice: None,
            beside: None,
            subtitled: None,
            idle_since: None,
            retired_at: None,
            parts_sent_at: None,
            progress_at: now,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A picture out of a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// Path below the distribution's address.
    pub path: String,
    /// Its time in the film, in milliseconds.
    pub at_ms: u64,
}

impl Version {
    /// What its sort keys begin with.
    pub(crate) const PREFIX: &str = "VERSION#";

    /// The poster that stands for it: the one that its owner chose, else the one in the middle, which shows most of what a film is about.
    pub fn poster(&self) -> Option<&Poster> {
        let chosen = self.poster_choice.and_then(|choice| usize::try_from(choice).ok());
        self.posters.get(chosen.unwrap_or(self.posters.len() / 2))
    }

    /// Its length in milliseconds; 0 before there is a plan.
    pub fn duration_ms(&self) -> u64 {
        // The plan's milliseconds, as seconds.
        (self.source_duration_seconds * 1_000.0).round() as u64
    }

    /// What decides its state.
    pub fn facts(&self, video: &Video) -> Facts {
        Facts {
            transcoding: self.transcoding_status,
            has_file: self.uploaded_at.is_some(),
            is_active: video.active_version == Some(self.version_number),
            idle_since: self.idle_since,
            retired_at: self.retired_at,
        }
    }

    /// Its state, in the words of a video.
    pub fn status_of(&self, video: &Video) -> VideoStatus {
        let is_active = video.active_version == Some(self.version_number);
        match is_active || video.follows(self.version_number) {
            true => video.status,
            false => self.facts(video).state().as_video(),
        }
    }

    /// The key of a version.
    pub fn key_of(video: Id<kinds::Video>, version: u32) -> Key {
        Key::new(Video::partition(video), format!("{}{version:04}", Self::PREFIX))
    }
}

impl Entity for Version {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "version";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.version_number)
    }
}

/// The plan of a version, as JSON of `domain::media`'s plan; the same for every attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredPlan {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version_number: u32,
    /// JSON.
    pub plan: String,
    /// Creation.
    pub created_at: Timestamp,
}

impl StoredPlan {
    /// The key of a plan.
    pub fn key_of(video: Id<kinds::Video>, version: u32) -> Key {
        Key::new(Video::partition(video), format!("PLAN#{version:04}"))
    }
}

impl Entity for StoredPlan {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "plan";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.version_number)
    }
}

/// What came out of one part of a plan, as JSON of `media`'s result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version_number: u32,
    /// The part's number in the plan.
    pub part: u32,
    /// JSON.
    pub result: String,
    /// CPU seconds that the encoder took.
    pub cpu_seconds: f64,
    /// When it was done.
    pub created_at: Timestamp,
}

impl Part {
    /// What the sort keys of a version's parts begin with.
    pub fn prefix(version: u32) -> String {
        format!("PART#{version:04}#")
    }
}

impl Entity for Part {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "part";

    fn key(&self) -> Key {
        Key::new(
            Video::partition(self.video_id),
            format!("{}{:05}", Self::prefix(self.version_number), self.part),
        )
    }
}

/// A worker's beginning with a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartRun {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version_number: u32,
    /// The part's number in the plan.
    pub part: u32,
    /// When the last worker began.
    pub begun_at: Timestamp,
    /// Whether the part was sent once more because it took longer than its share.
    #[serde(default)]
    pub sent_again: bool,
}

impl PartRun {
    /// The key of a part's run.
    pub fn key_of(video: Id<kinds::Video>, version: u32, part: u32) -> Key {
        Key::new(Video::partition(video), format!("{}{part:05}", Self::prefix(version)))
    }

    /// What the sort keys of a version's runs begin with.
    pub(crate) fn prefix(version: u32) -> String {
        format!("RUN#{version:04}#")
    }
}

impl Entity for PartRun {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "part_run";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.version_number, self.part)
    }
}

/// One rung of a version's ladder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asset {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version_number: u32,
    /// As `720p`.
    pub resolution: String,
    /// Measured average, in kilobits a second.
    pub bitrate_kbps: u32,
    /// Path of the playlist below the distribution's address.
    pub playlist_url: String,
    /// Prefix of the segments in the media bucket.
    pub segment_path_prefix: String,
    /// Bytes of all segments.
    pub file_size_bytes: u64,
    /// As `H.264`.
    pub codec: String,
    /// Creation.
    pub created_at: Timestamp,
}

impl Asset {
    /// What the sort keys of a version's assets begin with.
    pub fn prefix(version: u32) -> String {
        format!("ASSET#{version:04}#")
    }
}

impl Entity for Asset {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "asset";

    fn key(&self) -> Key {
        Key::new(
            Video::partition(self.video_id),
            format!("{}{}", Self::prefix(self.version_number), self.resolution),
        )
    }
}

/// The versions, their plans, parts and assets.
pub struct Versions<'a>(pub(crate) &'a Store);

impl Store {
    /// The versions, their plans, parts and assets.
    pub fn versions(&self) -> Versions<'_> {
        Versions(self)
    }
}

impl Versions<'_> {
    /// A version of a video: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, video: Id<kinds::Video>, version: u32) -> Result<Option<Version>, StoreError> {
        self.0.get(Version::key_of(video, version), Consistency::Strong).await
    }

    /// Puts a failed version back to work, and its video where none plays, with the reminder that finds them when the messages that follow
    /// are lost, in one transaction: to PROCESSING where there is a plan, else to UPLOADED. `false` when it is not
    /// FAILED any more: another retry was faster.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resume(
        &self,
        video: &Video,
        version: &Version,
        sweep: &Sweep,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (state, encoding) = match version.parts_total {
            0 => (VideoStatus::Uploaded, TranscodingStatus::Pending),
            _ => (VideoStatus::Processing, TranscodingStatus::InProgress),
        };
        let video_update = Video::transition(video.id, video.channel_id, state, now)
            .set("error_reason", "")
            .when(Condition::equals("status", VideoStatus::Failed))
            .when(Video::is_following(version.version_number));
        let version_update = Update::of::<Version>(version.key())
            .set("transcoding_status", encoding)
            .set("transcoding_error_message", "")
            .set("progress_at", now)
            .set("updated_at", now)
            .remove("idle_since")
            .when(Condition::equals("transcoding_status", TranscodingStatus::Failed))
            .when(Condition::HasNot("retired_at"))
            // The plan that the messages are made from must still be the version's.
            .when(Condition::equals("parts_total", version.parts_total));
        let transaction = self.0.transaction();
        let transaction = match video.follows(version.version_number) {
            true => transaction.update("video", video_update),
            false => transaction.check("video", Video::TABLE, video.key(), Video::is_there()),
        };
        let transaction = transaction.update("version", version_update).put("sweep", sweep);
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
