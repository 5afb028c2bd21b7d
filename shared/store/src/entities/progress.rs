//! How far one student has watched one video (seed 002, VideoProgress; spec 05).

use domain::{
    activity::watched_ms,
    playback::{Report, Watched},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    activity::{Credit, Learner},
    lesson_progress::TakenLesson,
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, from_item, transaction::wait_for_turn,
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
    /// Whether the lesson that it completes is kept by itself ([`super::LessonProgress`]). What was completed before there was such a thing has
    /// none: it was counted in its enrolment right away.
    #[serde(default)]
    pub by_lesson: bool,
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
            by_lesson: true,
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
        // What was completed under the old rule stays so.
        self.by_lesson |= !self.completed;
        self.completed = self.watched.completed;
    }

    /// Whether its enrolment counted the lesson when it was completed, and nothing else says that the lesson is.
    pub const fn is_counted(&self) -> bool {
        self.completed && !self.by_lesson
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
    /// The lesson of the enrolment's course that shows the video.
    pub lesson_id: Option<Id<kinds::Lesson>>,
    /// The same, unless it is completed.
    pub lesson: Option<TakenLesson>,
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

    /// Takes a report into the progress `known` of the learner, both as the caller has just read them: one write, or one transaction with what it
    /// adds to his day ([`super::activity`]), and two more calls for each report that was stored meanwhile. A report that changes nothing is not
    /// written. The one that completes a lesson's video completes the lesson in the same transaction
    /// ([`super::lesson_progress::Learning::complete`]).
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many others report that this one finds no gap.
    pub async fn report(
        &self,
        whose: Watcher,
        (mut known, mut learner): (Option<VideoProgress>, Learner),
        report: &Report,
        (duration, max_rate): (f64, f64),
        now: Timestamp,
    ) -> Result<VideoProgress, StoreError> {
        for attempt in 0..ROUNDS {
            let before = known.as_ref().map(|progress| progress.revision);
            let mut progress = known.unwrap_or_else(|| VideoProgress::new(whose, now));
            let unchanged = progress.watched.clone();
            progress.take_in(report, duration, max_rate);
            let lesson = whose.lesson.filter(|_| progress.completed && !progress.is_counted());
            if before.is_some() && unchanged == progress.watched && lesson.is_none() {
                return Ok(progress);
            }
            progress.revision += 1;
            progress.updated_at = now;
            let counted = watched_ms(unchanged.progress, duration);
            let credit = Credit {
                enrollment_id: whose.enrollment_id,
                lesson_id: whose.lesson_id,
                learned_ms: watched_ms(progress.progress, duration).saturating_sub(counted),
                lessons_completed: 0,
                repeats: report.is_of_a_play() && unchanged != progress.watched,
            };
            let stored = match lesson {
                Some(lesson) => self.complete(lesson, &progress, before, credit, now).await?,
                None => self.0.activities().put_with(&progress, before, &learner, (credit, now)).await?,
            };
            if stored {
                return Ok(progress);
            }
            wait_for_turn(attempt).await;
            let key = VideoProgress::key_of(whose.video_id, whose.enrollment_id);
            let found = self.0.batch().with::<VideoProgress>(key).with_learner(whose.user_id).read().await?;
            (known, learner) = (found.one()?, found.learner(whose.user_id)?);
        }
        Err(StoreError::Throttled)
    }

    /// Stores the progress that completes a lesson, and completes it; `false` when another report was faster.
    async fn complete(
        &self,
        lesson: TakenLesson,
        progress: &VideoProgress,
        before: Option<u64>,
        credit: Credit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let learning = self.0.learning();
        let stored = learning.complete_with(lesson, (None, Some(credit)), now, |transaction| {
            transaction.put_when("progress", progress, Some(is_at(before)))
        });
        match stored.await {
            Ok(_) => Ok(true),
            Err(TransactionError::Failed { label: "progress", .. }) => Ok(false),
            Err(error) => Err(error.into_store()),
        }
    }
}

/// That nobody has changed an item since it was read with this revision, or made one where there was none.
pub(super) fn is_at(revision: Option<u64>) -> Condition {
    match revision {
        None => Condition::NotExists,
        Some(revision) => Condition::equals("revision", revision),
    }
}
