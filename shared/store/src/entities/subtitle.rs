//! The subtitles of a version (seed 003, Subtitle): one item for all of its languages, so that a change of one and the playlist that names them
//! all are one write.

use std::collections::BTreeMap;

use domain::{
    subtitle::{LanguageTag, Track},
    video::TranscodingStatus,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Version, Video, version::Versions};
use crate::{Condition, Consistency, Entity, Key, StoreError, Table, Update, transaction::happened};

/// What a stream with subtitles is played by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subtitled {
    /// Its master playlist below the version's folder. Each change writes another one: players that have the one before go on with it.
    pub master: String,
    /// Languages of the subtitles in it.
    pub languages: Vec<LanguageTag>,
}

/// The subtitles of a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VersionSubtitles {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version_number: u32,
    /// Changes so far.
    pub revision: u64,
    /// One for each language.
    pub tracks: BTreeMap<LanguageTag, Subtitle>,
}

/// The subtitles of one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subtitle {
    /// What the player's menu says.
    pub language_name: String,
    /// Whether they are shown unless the viewer chooses; at most one language is.
    #[serde(default)]
    pub is_default: bool,
    /// Whether players offer them.
    pub is_published: bool,
    /// Path of the WebVTT file below the version's folder.
    pub file: String,
    /// Path of its playlist below the version's folder.
    pub playlist: String,
    /// Cues.
    pub cues: u32,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl VersionSubtitles {
    /// Those of a version that has none.
    pub const fn none(video_id: Id<kinds::Video>, version_number: u32) -> Self {
        Self { video_id, version_number, revision: 0, tracks: BTreeMap::new() }
    }

    /// The key of a version's subtitles.
    pub fn key_of(video: Id<kinds::Video>, version: u32) -> Key {
        Key::new(Video::partition(video), format!("SUBTITLES#{version:04}"))
    }

    /// Those that players offer.
    pub fn published(&self) -> Vec<Track> {
        let published = self.tracks.iter().filter(|(_, one)| one.is_published);
        let track = |(language, one): (&LanguageTag, &Subtitle)| Track {
            language: language.clone(),
            name: one.language_name.clone(),
            is_default: one.is_default,
            uri: one.playlist.clone(),
        };
        published.map(track).collect()
    }

    /// With these subtitles in this language. A new default takes the place of the one before.
    #[must_use]
    pub fn with(mut self, language: LanguageTag, subtitle: Subtitle) -> Self {
        if subtitle.is_default {
            self.tracks.values_mut().for_each(|other| other.is_default = false);
        }
        self.tracks.insert(language, subtitle);
        self
    }
}

impl Entity for VersionSubtitles {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "subtitles";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.version_number)
    }
}

impl Versions<'_> {
    /// The subtitles of a version: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subtitles(
        &self,
        video: Id<kinds::Video>,
        version: u32,
    ) -> Result<VersionSubtitles, StoreError> {
        let found = self.0.get(VersionSubtitles::key_of(video, version), Consistency::Strong).await?;
        Ok(found.unwrap_or_else(|| VersionSubtitles::none(video, version)))
    }

    /// Changes the subtitles of a version that is whole, and the master playlist by which it is played from now on, in one transaction of three
    /// actions. `master` is of the files that the caller has written; none where no language is left. `false` when another change was faster, the
    /// version was switched meanwhile, or it is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_subtitles(
        &self,
        video: &Video,
        subtitles: &VersionSubtitles,
        subtitled: Option<&Subtitled>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = subtitles.version_number;
        let unchanged = match subtitles.revision {
            0 => Condition::NotExists,
            revision => Condition::equals("revision", revision),
        };
        let changed = VersionSubtitles { revision: subtitles.revision + 1, ..subtitles.clone() };
        let version = Update::of::<Version>(Version::key_of(video.id, number))
            .set("subtitled", subtitled)
            .set("updated_at", now)
            .when(Condition::equals("transcoding_status", TranscodingStatus::Completed))
            .when(Condition::HasNot("retired_at"));
        let transaction =
            self.0.transaction().put_when("subtitles", &changed, Some(unchanged)).update("version", version);
        let same = Video::shows(video.active_version)
            .and(Condition::equals("owner_id", video.owner_id))
            .and(Video::is_there());
        let transaction = match video.active_version == Some(number) {
            true => {
                let shown =
                    Update::of::<Video>(video.key()).set("subtitled", subtitled).set("updated_at", now);
                transaction.update("video", shown.when(same))
            }
            false => transaction.check("video", Video::TABLE, video.key(), same),
        };
        happened(transaction.commit().await)
    }
}
