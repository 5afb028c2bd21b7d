//! How far one student has watched one video (seed 002, VideoProgress; spec 05).

use domain::playback::{Report, Watched};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::enrollment::Enrollment;
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update, from_item,
};

/// Progress of an enrolment in a video: the union of what was watched, and what follows from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VideoProgress {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// Part that was watched, 0 to 1; copied out of `watched` for lists.
    pub progress: f64,
    /// Where to resume, in whole seconds; copied out of `watched`.
    pub last_position: u64,
    /// Whether 90 % were watched; copied out of `watched`.
    pub completed: bool,
    /// What all of this follows from.
    #[serde(default)]
    pub watched: Watched,
    /// Grows by one with every change; conditions compare it.
    pub revision: u64,
    /// First watched.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl VideoProgress {
    /// The key of a progress.
    pub fn key_of(video: Id<kinds::Video>, enrollment: Id<kinds::Enrollment>) -> Key {
        Key::new(format!("VIDEO#{video}"), format!("PROGRESS#{enrollment}"))
    }

    fn new(whose: Watcher, now: Timestamp) -> Self {
        Self {
            video_id: whose.video_id,
            enrollment_id: whose.enrollment_id,
            user_id: whose.user_id,
            progress: 0.0,
            last_position: 0,
            completed: false,
            watched: Watched::default(),
            revision: 0,
            created_at: now,
            updated_at: now,
        }
    }

    fn take_in(&mut self, report: &Report, duration: f64, max_rate: f64) {
        self.watched.report(report, duration, max_rate);
        self.progress = self.watched.progress;
        // Not negative and far below 2^53: the domain clamps it to the video's duration.
        self.last_position = self.watched.position as u64;
        self.completed = self.watched.completed;
    }
}

impl Entity for VideoProgress {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "video_progress";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.enrollment_id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(
            2,
            format!("ENROLLMENT#{}", self.enrollment_id),
            format!("VIDEO#{}", self.video_id),
        )]
    }
}

/// The progress of students in videos.
pub struct Progress<'a>(pub(crate) &'a Store);

impl Store {
    /// The progress of students in videos.
    pub fn progress(&self) -> Progress<'_> {
        Progress(self)
    }
}

/// Whose progress in which video.
#[derive(Clone, Copy, Debug)]
pub struct Watcher {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// Whether the video is a lesson's: its completion then counts for the enrolment.
    pub is_lesson: bool,
}

/// Rounds of reading and writing until a report that races others gives up. Each lost round means that another report was stored.
const ROUNDS: u32 = 20;

impl Progress<'_> {
    /// The progress of an enrolment in a video: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(
        &self,
        video: Id<kinds::Video>,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<Option<VideoProgress>, StoreError> {
        self.0.get(VideoProgress::key_of(video, enrollment), Consistency::Strong).await
    }

    /// A page of an enrolment's progress in all videos: one query of index 2, eventually consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_enrollment(
        &self,
        enrollment: Id<kinds::Enrollment>,
        limit: u32,
        start: Option<Position>,
    ) -> Result<QueryPage<VideoProgress>, StoreError> {
        self.0.query(Query::index(2, format!("ENROLLMENT#{enrollment}")).limit(limit).after(start)).await
    }

    /// All progress of an enrolment, at most one for each video that is or was in its course: a query of index 2, 1 MB a call,
    /// eventually consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_of_enrollment(
        &self,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<Vec<VideoProgress>, StoreError> {
        // A limit above what the rules allow: only DynamoDB's megabyte ends a page.
        let query = Query::index(2, format!("ENROLLMENT#{enrollment}")).limit(1_000);
        self.0.query_all(Table::Learning, query).await?.into_iter().map(from_item).collect()
    }

    /// Takes a report into the progress `known` (as the caller has just read it): one write, and two more calls for each report that
    /// was stored meanwhile. A report that changes nothing is not written. The one that completes a lesson's video counts the
    /// lesson in the same transaction, so it is counted once.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many others report that this one finds no gap.
    pub async fn report(
        &self,
        whose: Watcher,
        mut known: Option<VideoProgress>,
        report: &Report,
        (duration, max_rate): (f64, f64),
        now: Timestamp,
    ) -> Result<VideoProgress, StoreError> {
        for _ in 0..ROUNDS {
            let before = known.as_ref().map(|progress| progress.revision);
            let mut progress = known.unwrap_or_else(|| VideoProgress::new(whose, now));
            let unchanged = progress.watched.clone();
            let completed_before = progress.completed;
            progress.take_in(report, duration, max_rate);
            if before.is_some() && unchanged == progress.watched {
                return Ok(progress);
            }
            progress.revision += 1;
            progress.updated_at = now;
            let completes_lesson = whose.is_lesson && progress.completed && !completed_before;
            let stored = match completes_lesson {
                true => self.complete_lesson(&progress, before, now).await?,
                false => self.0.put_revision(&progress, before).await?,
            };
            if stored {
                return Ok(progress);
            }
            known = self.get(whose.video_id, whose.enrollment_id).await?;
        }
        Err(StoreError::Throttled)
    }

    /// Stores the progress that completes a lesson and counts the lesson; `false` when another report was faster.
    async fn complete_lesson(
        &self,
        progress: &VideoProgress,
        before: Option<u64>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let condition = match before {
            None => Condition::NotExists,
            Some(revision) => Condition::equals("revision", revision),
        };
        let counted = Update::of::<Enrollment>(Enrollment::key_of(progress.user_id, progress.enrollment_id))
            .add("lessons_completed", 1)
            .set("updated_at", now)
            .when(Condition::Exists);
        let transaction = self
            .0
            .transaction()
            .put_when("progress", progress, Some(condition))
            .update("enrollment", counted);
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { label: "progress", .. }) => Ok(false),
            Err(TransactionError::Failed { .. }) => Err(StoreError::ConditionFailed(None)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
