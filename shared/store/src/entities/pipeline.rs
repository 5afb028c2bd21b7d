//! The steps of the media pipeline on a version and its video (spec 05). Each is one conditional write, so that a step that is
//! delivered twice, late or in the wrong order changes nothing, and no state goes backwards (invariant 9).

use std::time::Duration;

use domain::{
    sweep::SweepKind,
    version::RETENTION,
    video::{TranscodingStatus, VideoStatus},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{Part, PartRun, StoredPlan, Sweep, Version, Video, version::Versions};
use crate::{
    Condition, Consistency, Entity as _, Query, StoreError, Table, TransactionError, Update, from_item,
};

/// Most runs that are read at once: what one BatchGetItem takes.
const RUNS_MAX: usize = 100;

/// What a probe found out about a source.
#[derive(Clone, Debug)]
pub struct SourceFacts {
    /// The S3 version that was probed; all workers read the same.
    pub object_version: Option<String>,
    /// Seconds.
    pub duration_seconds: f64,
    /// As `1920x1080`.
    pub resolution: String,
    /// As `h264`.
    pub codec: String,
}

/// The reminder of a version's processing.
pub fn processing_reminder(video: Id<kinds::Video>, version: u32, due_at: Timestamp) -> Sweep {
    reminder(SweepKind::Processing, video, version, due_at)
}

/// The reminder of a version that may be of no use any more.
pub fn version_reminder(video: Id<kinds::Video>, version: u32, due_at: Timestamp) -> Sweep {
    reminder(SweepKind::Version, video, version, due_at)
}

fn reminder(kind: SweepKind, video: Id<kinds::Video>, version: u32, due_at: Timestamp) -> Sweep {
    Sweep {
        kind,
        due_at,
        subject: format!("{video}#{version}"),
        video_id: Some(video),
        version,
        upload_id: None,
        user_id: None,
        attempt: 0,
    }
}

impl Versions<'_> {
    /// The plan of a version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan(
        &self,
        video: Id<kinds::Video>,
        version: u32,
    ) -> Result<Option<StoredPlan>, StoreError> {
        self.0.get(StoredPlan::key_of(video, version), Consistency::Strong).await
    }

    /// Keeps the plan of a version; where there is one already, gives that: a version has one plan for ever, since
    /// segments of two plans do not fit together.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_plan(&self, plan: StoredPlan) -> Result<StoredPlan, StoreError> {
        Ok(self.0.put_new(&plan).await?.unwrap_or(plan))
    }

    /// The processing begins: version and video (unless another version plays) change together, with the reminder that finds them when it stops. `false`
    /// when it has begun before, or the video is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_processing(
        &self,
        video: &Video,
        version: u32,
        facts: &SourceFacts,
        parts_total: u32,
        reminder: &Sweep,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let begun = Update::of::<Version>(Version::key_of(video.id, version))
            .set("transcoding_status", TranscodingStatus::InProgress)
            .set("transcoding_started_at", now)
            .set("transcoding_profile_set", "standard")
            .set("transcoding_error_message", "")
            .set_some("source_version_id", facts.object_version.as_deref())
            .set("source_duration_seconds", facts.duration_seconds)
            .set("source_resolution", &facts.resolution)
            .set("source_codec", &facts.codec)
            .set("parts_total", parts_total)
            .set("progress_at", now)
            .set("updated_at", now)
            .when(Condition::equals("transcoding_status", TranscodingStatus::Pending));
        let transaction = self.0.transaction().update("version", begun).put("reminder", reminder);
        let transaction = match video.follows(version) {
            true => transaction.update(
                "video",
                Video::transition(video.id, video.channel_id, VideoStatus::Processing, now)
                    .when(Video::is_following(version)),
            ),
            // Another version plays on.
            false => transaction.check("video", Video::TABLE, video.key(), Video::is_there()),
        };
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Remembers that the messages of all parts were sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn parts_sent(
        &self,
        video: Id<kinds::Video>,
        version: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::of::<Version>(Version::key_of(video, version)).set("parts_sent_at", now);
        self.0.update_if::<Version>(update.when(Condition::Exists)).await.map(|_| ())
    }

    /// A worker begins with a part. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_part(
        &self,
        video: Id<kinds::Video>,
        version: u32,
        part: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::upsert::<PartRun>(PartRun::key_of(video, version, part))
            .set("video_id", video)
            .set("version_number", version)
            .set("part", part)
            .set("begun_at", now);
        self.0.update(update).await.map(drop)
    }

    /// The runs of these parts, up to 100 of them, those that were begun, in no particular order: one batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn runs(
        &self,
        video: Id<kinds::Video>,
        version: u32,
        parts: &[u32],
    ) -> Result<Vec<PartRun>, StoreError> {
        let keys = parts.iter().take(RUNS_MAX).map(|part| PartRun::key_of(video, version, *part));
        self.0.batch().with_all::<PartRun>(keys).read().await?.all()
    }

    /// Remembers that a part was sent once more. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent_again(&self, run: &PartRun) -> Result<(), StoreError> {
        let update = Update::of::<PartRun>(run.key()).set("sent_again", true);
        self.0.update_if::<PartRun>(update.when(Condition::Exists)).await.map(drop)
    }

    /// Keeps what a part made, then marks it as done, once, with the time that it took where it is a chunk. Gives the version as it is afterwards to exactly one caller
    /// for each part; the others get `None`. The size of `parts_done` in what they get says to exactly one of them that
    /// his part was the last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_part(
        &self,
        part: &Part,
        chunk_time: Option<Duration>,
    ) -> Result<Option<Version>, StoreError> {
        // First the result, then the mark: a mark without its result would be a hole in the playlists.
        self.0.put(part).await?;
        let update = Update::of::<Version>(Version::key_of(part.video_id, part.version_number))
            .insert_number("parts_done", part.part)
            .add("chunks_ms", chunk_time.map_or(0, |time| i64::try_from(time.as_millis()).unwrap_or(0)))
            .set("progress_at", part.created_at)
            .set("updated_at", part.created_at)
            .when(Condition::equals("transcoding_status", TranscodingStatus::InProgress))
            .when(Condition::Not(Box::new(Condition::contains("parts_done", part.part))));
        self.0.update_if(update).await
    }

    /// What all parts of a version made, in the order of their numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn parts(&self, video: Id<kinds::Video>, version: u32) -> Result<Vec<Part>, StoreError> {
        let query = Query::partition(Video::partition(video)).prefix(Part::prefix(version)).limit(1_000);
        self.0.query_all(Table::Media, query).await?.into_iter().map(from_item).collect()
    }

    /// The version can't be made: it becomes FAILED with a reason that the owner reads, and so does its video, unless another version plays: then
    /// that one plays on, and a reminder removes what is left of this one. `false` when it was completed or failed before, or the video is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fail(
        &self,
        video: &Video,
        version: u32,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let failed = Update::of::<Version>(Version::key_of(video.id, version))
            .set("transcoding_status", TranscodingStatus::Failed)
            .set("transcoding_error_message", reason)
            .set("beside", video.active_version)
            .set("idle_since", now)
            .set("updated_at", now)
            .when(Condition::one_of(
                "transcoding_status",
                [TranscodingStatus::Pending, TranscodingStatus::InProgress],
            ));
        let transaction = self.0.transaction().update("version", failed);
        let transaction = match (video.follows(version), video.status) {
            (false, _) => transaction
                .check("video", Video::TABLE, video.key(), Video::is_there())
                .put("reminder", &version_reminder(video.id, version, now + RETENTION)),
            // It failed with the version before, and this one's file was refused before its owner said that it is complete.
            (true, VideoStatus::Failed) => {
                let reason =
                    Update::of::<Video>(video.key()).set("error_reason", reason).set("updated_at", now);
                let still =
                    Condition::equals("status", VideoStatus::Failed).and(Video::is_following(version));
                transaction.update("video", reason.when(still).when(Video::is_there()))
            }
            (true, _) => transaction.update(
                "video",
                Video::transition(video.id, video.channel_id, VideoStatus::Failed, now)
                    .set("error_reason", reason)
                    .when(Video::is_following(version)),
            ),
        };
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Removes a page of a deleted video's items; `true` when none is left. The video's own item goes last, so that the
    /// work can go on after a crash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn purge_items(&self, video: Id<kinds::Video>) -> Result<bool, StoreError> {
        let page =
            self.0.query_items(Table::Media, Query::partition(Video::partition(video)).limit(100)).await?;
        let more = page.next.is_some();
        for item in page.items {
            let sort = item.get("sk").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
            if sort != "VIDEO" {
                self.0.delete(Table::Media, crate::Key::new(Video::partition(video), sort)).await?;
            }
        }
        if !more {
            self.0.delete(Table::Media, Video::key_of(video)).await?;
        }
        Ok(!more)
    }
}
