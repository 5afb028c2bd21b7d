//! A lesson is completed: exactly once, and with the last one the course.

use kernel::Timestamp;

use super::{Learning, LessonProgress, ROUNDS, TakenLesson, Visit};
use crate::{
    Condition, Entity as _, StoreError, Table, Transaction, TransactionError, Update,
    entities::{
        Course, Enrollment,
        activity::{ACTIVITY, ActivityPlan, Credit},
        enrollment::LearnerChange,
        progress::is_at,
    },
    transaction::wait_for_turn,
};

/// A lesson that is completed, now or before.
#[derive(Clone, Debug)]
pub struct Completed {
    /// The progress.
    pub progress: LessonProgress,
    /// Lessons that the enrolment counts as completed.
    pub lessons_completed: u32,
    /// Lessons that the course has; 0 where it is gone.
    pub lesson_count: u32,
    /// Whether the course was completed by this.
    pub completes_course: bool,
}

/// What is to be written for a lesson that is completed.
struct Plan {
    outcome: Completed,
    /// The progress before; `None` where it need not be written.
    lesson: Option<Option<u64>>,
    /// The enrolment as it was read.
    enrollment: Enrollment,
    /// Whether the enrolment counts one more.
    counts: bool,
    /// The revision of the course whose lessons are all completed now.
    course_revision: Option<u64>,
    /// What it adds to the learner's day, where it adds something.
    activity: Option<ActivityPlan>,
}

/// Labels of the actions that are planned anew when others were faster.
const LESSON: &str = "lesson";
pub(super) const ENROLLMENT: &str = "enrollment";
pub(super) const COURSE: &str = "course";

impl<'a> Learning<'a> {
    /// Completes a lesson whose rule is met: the lesson, the count of its enrolment, and with the last lesson of the course the enrolment's state
    /// and its learner's counts in one transaction. A batch and the transaction; where the count says that it may be the last
    /// one, the course's outline and the enrolment's lessons besides; all of it again for each change that was faster. What is completed
    /// already stays as it is; then only the course may be completed by it, after lessons have gone.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when others change the same all the time.
    pub async fn complete(
        &self,
        taken: TakenLesson,
        visit: Option<Visit>,
        now: Timestamp,
    ) -> Result<Completed, StoreError> {
        let with = |transaction| transaction;
        self.complete_with(taken, (visit, None), now, with).await.map_err(TransactionError::into_store)
    }

    /// The same with what a video that was watched adds to the learner's day, and with other actions in its transaction, such as the attempt that
    /// passed: they fail with their labels.
    pub(crate) async fn complete_with(
        &self,
        taken: TakenLesson,
        why: (Option<Visit>, Option<Credit>),
        now: Timestamp,
        with: impl Fn(Transaction<'a>) -> Transaction<'a>,
    ) -> Result<Completed, TransactionError<&'static str>> {
        for attempt in 0..ROUNDS {
            let plan = self.plan(taken, why, now).await?;
            let transaction = plan.write(with(self.0.transaction()), now);
            if transaction.is_empty() {
                return Ok(plan.outcome);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(plan.outcome),
                Err(TransactionError::Failed { label: LESSON | ENROLLMENT | COURSE | ACTIVITY, .. }) => {
                    wait_for_turn(attempt).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled.into())
    }

    async fn plan(
        &self,
        taken: TakenLesson,
        (visit, watched): (Option<Visit>, Option<Credit>),
        now: Timestamp,
    ) -> Result<Plan, StoreError> {
        let TakenLesson { user_id, enrollment_id, course_id, lesson_id, counted_before, .. } = taken;
        let batch = self.0.batch().with::<Enrollment>(Enrollment::key_of(user_id, enrollment_id));
        let batch = batch.with::<LessonProgress>(LessonProgress::key_of(enrollment_id, lesson_id));
        let batch = batch.with::<Course>(Course::key_of(course_id)).with_learner(user_id);
        let found = batch.read().await?;
        // Its student's account was erased meanwhile.
        let enrollment: Enrollment = found.one()?.ok_or(StoreError::ConditionFailed(None))?;
        let known: Option<LessonProgress> = found.one()?;
        let lesson_count = found.one::<Course>()?.map_or(0, |course| course.lesson_count);
        let before = known.as_ref().map(|progress| progress.revision);
        let mut progress = known.unwrap_or_else(|| LessonProgress::new(taken, now));
        let is_new = !progress.is_completed();
        let counts = is_new && !counted_before;
        let counted_ms = progress.creditable_ms();
        if is_new {
            if let Some(visit) = visit {
                progress.take_in(visit, now);
            }
            progress.completed_at = Some(now);
            progress.revision += 1;
            progress.updated_at = now;
        }
        let lessons_completed = enrollment.lessons_completed.saturating_add(u32::from(counts));
        // Every completed lesson is counted, so with fewer than the course has it can't be the last one.
        let may_be_last =
            enrollment.status.after_last_lesson().is_some() && lessons_completed >= lesson_count;
        let course_revision = match may_be_last {
            true => self.revision_if_all_completed(enrollment_id, course_id, Some(lesson_id)).await?,
            false => None,
        };
        let completes_course = course_revision.is_some();
        let credit = Credit {
            enrollment_id,
            lesson_id: Some(lesson_id),
            learned_ms: watched.map_or(0, |watched| watched.learned_ms)
                + progress.creditable_ms().saturating_sub(counted_ms),
            lessons_completed: u32::from(counts),
            repeats: watched.is_some_and(|watched| watched.repeats),
        };
        // Who says once more that he is done learns nothing by it.
        let learns = is_new || watched.is_some();
        let activity = if learns { found.learner(user_id)?.plan(credit, now) } else { None };
        Ok(Plan {
            activity,
            outcome: Completed { progress, lessons_completed, lesson_count, completes_course },
            lesson: is_new.then_some(before),
            enrollment,
            counts,
            course_revision,
        })
    }
}

impl Plan {
    fn write<'a>(&self, mut transaction: Transaction<'a>, now: Timestamp) -> Transaction<'a> {
        if let Some(before) = self.lesson {
            transaction = transaction.put_when(LESSON, &self.outcome.progress, Some(is_at(before)));
        }
        if let Some(activity) = &self.activity {
            transaction = activity.write(transaction);
        }
        let Self { enrollment, counts, course_revision, .. } = self;
        Counting { enrollment, counts: *counts, course_revision: *course_revision }.write(transaction, now)
    }
}

/// What completed lessons change of their enrolment.
pub(super) struct Counting<'p> {
    /// As it was read.
    pub(super) enrollment: &'p Enrollment,
    /// Whether it counts one more.
    pub(super) counts: bool,
    /// The revision of the course whose lessons are all completed now.
    pub(super) course_revision: Option<u64>,
}

/// That an enrolment counts so many lessons.
pub(super) fn count_is(lessons_completed: u32) -> Condition {
    match lessons_completed {
        0 => Condition::HasNot("lessons_completed").or(Condition::equals("lessons_completed", 0)),
        count => Condition::equals("lessons_completed", count),
    }
}

impl Counting<'_> {
    /// Adds the writes, none where nothing changes.
    pub(super) fn write<'a>(&self, mut transaction: Transaction<'a>, now: Timestamp) -> Transaction<'a> {
        let to = self.enrollment.status.after_last_lesson().filter(|_| self.course_revision.is_some());
        if !self.counts && to.is_none() {
            return transaction;
        }
        let Enrollment { user_id, status, lessons_completed, course_id, .. } = *self.enrollment;
        let mut update = Update::of::<Enrollment>(self.enrollment.key())
            .set("updated_at", now)
            .when(Condition::Exists)
            .when(count_is(lessons_completed));
        if self.counts {
            update = update.add("lessons_completed", 1);
        }
        if let (Some(to), Some(revision)) = (to, self.course_revision) {
            update = update
                .set("status", to)
                .set("gsi2pk", Enrollment::status_partition(user_id, to))
                .set("completed_at", now)
                .when(Condition::equals("status", status));
            let same_lessons = Condition::equals("revision", revision);
            transaction = transaction.check(COURSE, Table::Catalog, Course::key_of(course_id), same_lessons);
            let mut learner = LearnerChange::default();
            learner.moved(status, to);
            if let Some(stats) = learner.update(user_id, now) {
                transaction = transaction.update("stats", stats);
            }
        }
        transaction.update(ENROLLMENT, update)
    }
}
