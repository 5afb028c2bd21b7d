//! What is kept of an enrolment is compared with its lessons, and mended: for the janitor.

use std::collections::HashSet;

use domain::learning::completes_course;
use kernel::{Id, Timestamp, id::kinds};

use super::{
    Learning, LessonProgress, ROUNDS,
    complete::{COURSE, Counting, ENROLLMENT, count_is},
};
use crate::{
    Condition, Entity as _, StoreError, TransactionError, Update,
    entities::{Course, Enrollment, VideoProgress},
    transaction::wait_for_turn,
};

/// What says how many lessons an enrolment has completed.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Lessons that are completed, those that have gone from the course among them.
    pub lessons: HashSet<Id<kinds::Lesson>>,
    /// Videos that were counted when lessons were not kept one by one.
    pub videos: HashSet<Id<kinds::Video>>,
}

impl Learning<'_> {
    /// What says how many lessons an enrolment has completed: [`Self::of_enrollment`] and [`super::super::progress::Progress::all_of_enrollment`],
    /// two queries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counted(&self, enrollment: Id<kinds::Enrollment>) -> Result<Counted, StoreError> {
        let (progress, lessons) = (self.0.progress(), self.of_enrollment(enrollment));
        let (lessons, videos) = futures::try_join!(lessons, progress.all_of_enrollment(enrollment))?;
        let completed = lessons.into_iter().filter(LessonProgress::is_completed);
        let counted = videos.into_iter().filter(VideoProgress::is_counted);
        Ok(Counted {
            lessons: completed.map(|progress| progress.lesson_id).collect(),
            videos: counted.map(|progress| progress.video_id).collect(),
        })
    }

    /// Sets the count of an enrolment's completed lessons, if nothing of it has changed since it was read; `false` else. It must have been read before
    /// its lessons were: each lesson that is completed changes it. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mend_count(
        &self,
        enrollment: &Enrollment,
        lessons_completed: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // The count alone might be the same again: after another run has mended it, and lessons were completed since.
        let update = Update::of::<Enrollment>(enrollment.key())
            .set("lessons_completed", lessons_completed)
            .set("updated_at", now)
            .when(Condition::Exists)
            .when(count_is(enrollment.lessons_completed))
            .when(Condition::equals("updated_at", enrollment.updated_at));
        Ok(self.0.update_if::<Enrollment>(update).await?.is_some())
    }

    /// Completes the course of an enrolment whose lessons are all completed, as the last of them does ([`Self::complete`]): a batch, the course's
    /// outline, the enrolment's lessons and the transaction; again for each change that was faster. `false` where there is nothing to do.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when others change the same all the time.
    pub async fn complete_course(
        &self,
        user: Id<kinds::User>,
        enrollment: Id<kinds::Enrollment>,
        course: Id<kinds::Course>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for attempt in 0..ROUNDS {
            let batch = self.0.batch().with::<Enrollment>(Enrollment::key_of(user, enrollment));
            let found = batch.with::<Course>(Course::key_of(course)).read().await?;
            let (Some(enrollment), Some(course)) = (found.one::<Enrollment>()?, found.one::<Course>()?)
            else {
                return Ok(false);
            };
            let is_last = enrollment.status.after_last_lesson().is_some()
                && enrollment.lessons_completed >= course.lesson_count;
            if !is_last {
                return Ok(false);
            }
            let revision = self.revision_if_all_completed(enrollment.id, course.id, None).await?;
            if revision.is_none() {
                return Ok(false);
            }
            let counting = Counting { enrollment: &enrollment, counts: false, course_revision: revision };
            match counting.write(self.0.transaction(), now).commit().await {
                Ok(()) => return Ok(true),
                Err(TransactionError::Failed { label: ENROLLMENT | COURSE, .. }) => {
                    wait_for_turn(attempt).await;
                }
                Err(error) => return Err(error.into_store()),
            }
        }
        Err(StoreError::Throttled)
    }

    /// The course's revision when an enrolment has completed all its lessons, with the one that it completes now.
    pub(super) async fn revision_if_all_completed(
        &self,
        enrollment: Id<kinds::Enrollment>,
        course: Id<kinds::Course>,
        with: Option<Id<kinds::Lesson>>,
    ) -> Result<Option<u64>, StoreError> {
        let Some(outline) = self.0.courses().outline(course).await? else { return Ok(None) };
        let lessons: Vec<_> = outline.lessons().filter(|other| Some(other.id) != with).collect();
        let mut completed = self.completed(enrollment, &lessons).await?;
        completed.extend(with);
        let all = completes_course(outline.lessons().map(|lesson| lesson.id), &completed);
        Ok(all.then_some(outline.course.revision))
    }
}
