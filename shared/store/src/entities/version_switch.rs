//! Which version of a video plays, and how the others go (seed 003, VideoVersion). A switch is one conditional transaction: the video names another
//! version, with its length and picture, and the one before gets the reminder of its end. Nothing of a version's files changes with it, so whoever
//! plays the one before plays on.

use domain::{
    version::{GRACE, RETENTION, goes_live},
    video::{TranscodingStatus, VideoStatus},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{
    Asset, Part, Poster, Version, Video, VideoThumbnail,
    pipeline::version_reminder,
    subtitle::VersionSubtitles,
    version::{PartRun, StoredPlan, Versions},
};
use crate::{
    Condition, Entity as _, Key, Query, QueryPage, StoreError, Table, Transaction, Update,
    transaction::happened,
};

/// Items of a version that are removed in one step.
const ITEMS: u32 = 100;

/// What came out of a version.
#[derive(Clone, Debug)]
pub struct Packaged {
    /// The posters to choose from.
    pub posters: Vec<Poster>,
    /// The rungs.
    pub assets: Vec<Asset>,
}

impl Version {
    /// The change of a video by which this version becomes the one that plays.
    fn shown(&self, video: &Video, update: Update) -> Update {
        update
            .set("active_version", self.version_number)
            .set("newest_shown", video.newest_shown.unwrap_or(0).max(self.version_number))
            .set("duration_ms", self.duration_ms())
            .set("thumbnail_path", self.poster().map(|poster| poster.path.as_str()).unwrap_or_default())
            .set("subtitled", &self.subtitled)
            .set("file_size", self.source_file_size_bytes)
            .set("file_key", &self.source_object_key)
            .when(Video::is_there())
            .when(Video::shows(video.active_version))
            .when(match video.newest_shown {
                None => Condition::HasNot("newest_shown"),
                Some(newest) => Condition::equals("newest_shown", newest),
            })
    }
}

/// From now on the version that plays is replaced: it stays for a while, and a reminder ends that.
fn replace<'a>(
    transaction: Transaction<'a, &'static str>,
    video: &Video,
    now: Timestamp,
) -> Transaction<'a, &'static str> {
    let Some(before) = video.active_version else { return transaction };
    let idle = Update::of::<Version>(Version::key_of(video.id, before))
        .set("idle_since", now)
        .set("updated_at", now);
    transaction
        .update("before", idle.when(Condition::Exists))
        .put("reminder", &version_reminder(video.id, before, now + RETENTION))
}

impl Versions<'_> {
    /// A page of a video's versions, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_video(
        &self,
        video: Id<kinds::Video>,
        limit: u32,
        after: Option<crate::Position>,
    ) -> Result<QueryPage<Version>, StoreError> {
        let query = Query::partition(Video::partition(video)).prefix(Version::PREFIX);
        self.0.query(query.backward().limit(limit).after(after)).await
    }

    /// The version is whole: it becomes the one that plays where it is newer than all that ever did, and the video READY, or PUBLISHED where
    /// its owner asked for that before. Else it is kept for its owner to go back to. `false` when that happened before, the version
    /// failed meanwhile, the video is gone, or not as it was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn complete(
        &self,
        video: &Video,
        version: &Version,
        packaged: &Packaged,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for asset in &packaged.assets {
            self.0.put(asset).await?;
        }
        let number = version.version_number;
        let version = Version { posters: packaged.posters.clone(), ..version.clone() };
        let live = goes_live(number, video.newest_shown.max(video.active_version));
        let completed = Update::of::<Version>(version.key())
            .set("transcoding_status", TranscodingStatus::Completed)
            .set("transcoding_completed_at", now)
            .set("posters", &version.posters)
            .set_some("idle_since", (!live).then_some(now))
            .set("beside", video.active_version.filter(|_| live))
            .set("updated_at", now)
            .when(Condition::equals("transcoding_status", TranscodingStatus::InProgress));
        let transaction = self.0.transaction().update("version", completed);
        let transaction = match (live, video.active_version) {
            (false, _) => transaction
                .check("video", Video::TABLE, video.key(), Video::is_there())
                .put("reminder", &version_reminder(video.id, number, now + RETENTION)),
            (true, Some(_)) => {
                let switched = version.shown(video, touched(video, now));
                replace(transaction.update("video", switched), video, now)
            }
            (true, None) => transaction.update("video", version.shown(video, ready(video, now))),
        };
        happened(transaction.commit().await)
    }

    /// A version that is whole becomes the one that plays, as its owner wishes. `false` when it is not there any more, or the video is not as
    /// it was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn activate(
        &self,
        video: &Video,
        version: &Version,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let used = Update::of::<Version>(version.key())
            .remove("idle_since")
            .set("updated_at", now)
            .when(Condition::equals("transcoding_status", TranscodingStatus::Completed))
            .when(Condition::HasNot("retired_at"))
            // The video takes its picture and its subtitles over.
            .when(match version.poster_choice {
                None => Condition::HasNot("poster_choice"),
                Some(choice) => Condition::equals("poster_choice", choice),
            })
            .when(match &version.subtitled {
                None => Condition::HasNot("subtitled"),
                Some(subtitled) => Condition::equals("subtitled", subtitled),
            });
        let switched = version.shown(video, touched(video, now)).when(Video::owned_by(video.owner_id));
        let transaction = self.0.transaction().update("version", used).update("video", switched);
        happened(replace(transaction, video, now).commit().await)
    }

    /// Another poster stands for the version that plays, and for its video, instead of an uploaded picture too: all in one transaction, with the mark that no
    /// upload of before `wish` undoes that. `None` when another version plays by now, or the video is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn choose_poster(
        &self,
        video: &Video,
        version: &Version,
        choice: u32,
        wish: Id<kinds::Picture>,
        now: Timestamp,
    ) -> Result<Option<Video>, StoreError> {
        let version = Version { poster_choice: Some(choice), ..version.clone() };
        let Some(poster) = version.poster() else { return Ok(None) };
        let chosen = Update::of::<Version>(version.key())
            .set("poster_choice", choice)
            .set("updated_at", now)
            .when(Condition::HasNot("retired_at"));
        let shown = touched(video, now)
            .set("thumbnail_path", &poster.path)
            .remove("uploaded_thumbnail")
            .when(Video::owned_by(video.owner_id))
            .when(Video::shows(Some(version.version_number)));
        // Of two choices at once the one that is written later stays, whatever their identifiers say.
        let kept = VideoThumbnail::deciding(video.id, wish, now).remove("refusal");
        let transaction = self.0.transaction().update("version", chosen).update("video", shown);
        let chosen = happened(transaction.update("uploads", kept).commit().await)?;
        let after = Video {
            thumbnail_path: poster.path.clone(),
            uploaded_thumbnail: None,
            updated_at: now,
            ..video.clone()
        };
        Ok(chosen.then_some(after))
    }

    /// A version that neither plays nor is made is given up, with the reminder to remove its files. `false` when it is used, was given up
    /// before, or the video is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retire(
        &self,
        video: Id<kinds::Video>,
        version: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let ended = [TranscodingStatus::Completed, TranscodingStatus::Failed];
        let retired = Update::of::<Version>(Version::key_of(video, version))
            .set("retired_at", now)
            .set("updated_at", now)
            .when(Condition::one_of("transcoding_status", ended))
            .when(Condition::HasNot("retired_at"));
        let unused =
            Video::is_there().and(Condition::Not(Box::new(Condition::equals("active_version", version))));
        // The video's own state is that of its newest version, while none plays.
        let unused = unused.and(Condition::Has("active_version").or(Condition::compare(
            "latest_version",
            ">",
            version,
        )));
        let transaction = self
            .0
            .transaction()
            .update("version", retired)
            .check("video", Video::TABLE, Video::key_of(video), unused)
            .put("reminder", &version_reminder(video, version, now + GRACE));
        happened(transaction.commit().await)
    }

    /// Removes up to a hundred items of each kind of a version whose files are gone; `true` when none is left. The version's own item goes last, so that the
    /// work can go on after a crash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purge_version(&self, video: Id<kinds::Video>, version: u32) -> Result<bool, StoreError> {
        for prefix in [Part::prefix(version), PartRun::prefix(version), Asset::prefix(version)] {
            let query = Query::partition(Video::partition(video)).prefix(prefix).limit(ITEMS);
            let page = self.0.query_items(Table::Media, query).await?;
            for item in page.items {
                let sort = item.get("sk").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
                self.0.delete(Table::Media, Key::new(Video::partition(video), sort)).await?;
            }
            if page.next.is_some() {
                return Ok(false);
            }
        }
        self.0.delete(Table::Media, StoredPlan::key_of(video, version)).await?;
        self.0.delete(Table::Media, VersionSubtitles::key_of(video, version)).await?;
        self.0.delete(Table::Media, Version::key_of(video, version)).await?;
        Ok(true)
    }
}

fn touched(video: &Video, now: Timestamp) -> Update {
    Update::of::<Video>(video.key()).set("updated_at", now)
}

/// The first version of a video plays: it becomes READY, or PUBLISHED where its owner asked for that.
fn ready(video: &Video, now: Timestamp) -> Update {
    let state = if video.publish_when_ready { VideoStatus::Published } else { VideoStatus::Ready };
    let ready = Video::transition(video.id, video.channel_id, state, now)
        .set("error_reason", "")
        // The owner may ask for publication while this runs.
        .when(Condition::equals("publish_when_ready", video.publish_when_ready));
    match state {
        VideoStatus::Published => ready.set("published_at", video.published_at.unwrap_or(now)),
        _ => ready,
    }
}
