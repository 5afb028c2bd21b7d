//! How far a student is with one lesson of a course, and when it was completed (seeds 000 and 001, LessonProgress).

mod complete;
mod lock;
mod mend;

use std::collections::HashSet;

use domain::{
    activity::creditable_seconds,
    course::LessonKind,
    learning::{Evidence, completion, lacks},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use complete::Completed;
pub use mend::Counted;

use super::{
    Enrollment, VideoProgress,
    activity::{Credit, Learner},
    section::Lesson,
};
use crate::{
    Consistency, Entity, Key, Query, Store, StoreError, Table, from_item, transaction::wait_for_turn,
};

/// Rounds of reading and writing until a change that races others gives up. Each lost round means that another one was stored.
pub(super) const ROUNDS: u32 = 20;

/// Progress of an enrolment in a lesson. Of a video the player's reports say more ([`VideoProgress`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonProgress {
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// The lesson's kind.
    pub kind: LessonKind,
    /// When the student opened it first, where he told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// Least time of a text or of files as they were then, in seconds.
    #[serde(default)]
    pub least_seconds: u64,
    /// Time that he spent with it, in seconds: his claim, as far as the server's clock allows.
    #[serde(default)]
    pub time_spent_seconds: u64,
    /// When it was completed. Once it is, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Grows by one with every change; conditions compare it.
    pub revision: u64,
    /// First heard of.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl LessonProgress {
    /// The partition of an enrolment's lessons.
    pub(crate) fn partition(enrollment: Id<kinds::Enrollment>) -> String {
        format!("ENROLLMENT#{enrollment}")
    }

    /// The key of a progress.
    pub fn key_of(enrollment: Id<kinds::Enrollment>, lesson: Id<kinds::Lesson>) -> Key {
        Key::new(Self::partition(enrollment), format!("LESSON#{lesson}"))
    }

    /// Whether the lesson is completed.
    pub const fn is_completed(&self) -> bool {
        self.completed_at.is_some()
    }

    /// What tells whether a text or files are completed: the time that he claims.
    pub fn evidence(&self) -> Evidence {
        let spent_seconds = self.opened_at.map(|_| self.time_spent_seconds);
        Evidence::Reading { spent_seconds, least_seconds: self.least_seconds }
    }

    /// The same when he says that he is done: all the time since he opened it.
    pub fn evidence_when_done(&self, now: Timestamp) -> Evidence {
        let spent_seconds = self.opened_at.map(|opened_at| completion::elapsed_seconds(opened_at, now));
        Evidence::Reading { spent_seconds, least_seconds: self.least_seconds }
    }

    fn new(taken: TakenLesson, now: Timestamp) -> Self {
        Self {
            enrollment_id: taken.enrollment_id,
            lesson_id: taken.lesson_id,
            course_id: taken.course_id,
            user_id: taken.user_id,
            kind: taken.kind,
            opened_at: None,
            least_seconds: 0,
            time_spent_seconds: 0,
            completed_at: None,
            revision: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Takes in what a student says; the first word of him opens the lesson.
    fn take_in(&mut self, visit: Visit, now: Timestamp) {
        if self.opened_at.is_none() {
            (self.opened_at, self.least_seconds) = (Some(now), visit.least_seconds);
        }
        let opened_at = self.opened_at.unwrap_or(now);
        self.time_spent_seconds =
            completion::spent_seconds(self.time_spent_seconds, visit.claimed_seconds, opened_at, now);
    }

    /// How much of his time with it counts, in milliseconds; of a video the progress in it says that.
    fn creditable_ms(&self) -> u64 {
        let completed = self.is_completed();
        creditable_seconds(self.kind, self.time_spent_seconds, self.least_seconds, completed) * 1_000
    }

    /// Whether the time that he spent is what completes it; never of a video or a quiz.
    fn is_read(&self) -> bool {
        let by_time = matches!(self.kind, LessonKind::Text | LessonKind::File);
        by_time && lacks(self.evidence()).is_none()
    }
}

impl Entity for LessonProgress {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "lesson_progress";

    fn key(&self) -> Key {
        Self::key_of(self.enrollment_id, self.lesson_id)
    }
}

/// A lesson as a student takes it.
#[derive(Clone, Copy, Debug)]
pub struct TakenLesson {
    /// The student.
    pub user_id: Id<kinds::User>,
    /// His enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its kind.
    pub kind: LessonKind,
    /// Whether the enrolment counts it among its completed lessons already ([`VideoProgress::is_counted`]).
    pub counted_before: bool,
}

impl TakenLesson {
    /// A lesson of the course of an enrolment.
    pub const fn new(enrollment: &Enrollment, lesson: &Lesson) -> Self {
        Self {
            user_id: enrollment.user_id,
            enrollment_id: enrollment.id,
            course_id: lesson.course_id,
            lesson_id: lesson.id,
            kind: lesson.kind,
            counted_before: false,
        }
    }
}

/// What a student says of his time with a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// All the time that he claims to have spent with it, in seconds.
    pub claimed_seconds: u64,
    /// The least time of its content, in seconds; kept when he opens it.
    pub least_seconds: u64,
}

/// The progress of students in lessons, and what follows from it for their enrolments.
pub struct Learning<'a>(pub(crate) &'a Store);

impl Store {
    /// The progress of students in lessons.
    pub fn learning(&self) -> Learning<'_> {
        Learning(self)
    }
}

impl Learning<'_> {
    /// The progress of an enrolment in a lesson: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(
        &self,
        enrollment: Id<kinds::Enrollment>,
        lesson: Id<kinds::Lesson>,
    ) -> Result<Option<LessonProgress>, StoreError> {
        self.0.get(LessonProgress::key_of(enrollment, lesson), Consistency::Strong).await
    }

    /// All progress of an enrolment, at most one for each lesson that is or was in its course: a query, 1 MB a call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_enrollment(
        &self,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<Vec<LessonProgress>, StoreError> {
        // A limit above what the rules allow: only DynamoDB's megabyte ends a page.
        let query = Query::partition(LessonProgress::partition(enrollment)).prefix("LESSON#").limit(1_000);
        self.0.query_all(Table::Learning, query).await?.into_iter().map(from_item).collect()
    }

    /// Which of these lessons an enrolment has completed: as [`Self::of_enrollment`]; and where that does not name all of their videos, one
    /// batch for each hundred others, for those that were completed when lessons were not kept one by one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn completed(
        &self,
        enrollment: Id<kinds::Enrollment>,
        lessons: &[&Lesson],
    ) -> Result<HashSet<Id<kinds::Lesson>>, StoreError> {
        let progress = self.of_enrollment(enrollment).await?;
        let completed = progress.into_iter().filter(LessonProgress::is_completed);
        let mut completed: HashSet<_> = completed.map(|progress| progress.lesson_id).collect();
        let left = || lessons.iter().filter(|lesson| !completed.contains(&lesson.id));
        let videos: Vec<_> = left().filter_map(|lesson| Some((lesson.video_id?, lesson.id))).collect();
        let keys = videos.iter().map(|(video, _)| VideoProgress::key_of(*video, enrollment));
        let watched = self.0.batch().with_all::<VideoProgress>(keys).read().await?.all::<VideoProgress>()?;
        for progress in watched.into_iter().filter(VideoProgress::is_counted) {
            completed.extend(
                videos.iter().filter(|(video, _)| *video == progress.video_id).map(|(_, lesson)| *lesson),
            );
        }
        Ok(completed)
    }

    /// Takes in what a student says of his time with a lesson, whose progress was `known` of the learner: one write, or one transaction with what it
    /// adds to his day ([`super::activity`]), and two more calls for each change that was stored meanwhile. What changes nothing is not
    /// written. The time that completes a text or files does so in the same transaction ([`Self::complete`]).
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many others report that this one finds no gap.
    pub async fn visit(
        &self,
        taken: TakenLesson,
        (mut known, mut learner): (Option<LessonProgress>, Learner),
        visit: Visit,
        now: Timestamp,
    ) -> Result<LessonProgress, StoreError> {
        let TakenLesson { user_id, enrollment_id, lesson_id, .. } = taken;
        for attempt in 0..ROUNDS {
            let before = known.as_ref().map(|progress| progress.revision);
            let mut progress = known.unwrap_or_else(|| LessonProgress::new(taken, now));
            let unchanged = progress.clone();
            progress.take_in(visit, now);
            if !progress.is_completed() && progress.is_read() {
                return Ok(self.complete(taken, Some(visit), now).await?.progress);
            }
            if progress == unchanged {
                return Ok(progress);
            }
            progress.revision += 1;
            progress.updated_at = now;
            let credit = Credit {
                enrollment_id,
                lesson_id: Some(lesson_id),
                learned_ms: progress.creditable_ms().saturating_sub(unchanged.creditable_ms()),
                lessons_completed: 0,
                repeats: progress.is_read() && progress.time_spent_seconds > unchanged.time_spent_seconds,
            };
            if self.0.activities().put_with(&progress, before, &learner, (credit, now)).await? {
                return Ok(progress);
            }
            wait_for_turn(attempt).await;
            let batch =
                self.0.batch().with::<LessonProgress>(LessonProgress::key_of(enrollment_id, lesson_id));
            let found = batch.with_learner(user_id).read().await?;
            (known, learner) = (found.one()?, found.learner(user_id)?);
        }
        Err(StoreError::Throttled)
    }
}
