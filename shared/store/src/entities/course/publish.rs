//! Publication of a course, and its end.

use std::collections::HashMap;

use domain::course::{
    CourseStatus, LessonKind, Refusal,
    publish::{CourseState, LessonState},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{
    CatalogStats, Course, Courses, EditError,
    edit::{Part, demand, rewrite},
};
use crate::{
    Condition, Entity as _, Transaction, Update,
    entities::{Lesson, Outline, Video, teaching::count_courses},
};

/// Lessons whose duration one transaction corrects, besides the course and the counts; DynamoDB allows 100 actions.
const CORRECTIONS_MAX: usize = 80;

impl Courses<'_> {
    /// Publishes a course that can be taken. Its lessons take over the durations of their videos, which may have been unknown
    /// when the lessons were made. A course that is published already stays as it is.
    ///
    /// That every video is ready is read, not a condition of the transaction, which could not name 500 of them: the player
    /// checks each video again when it plays.
    ///
    /// # Errors
    /// [`EditError::Refused`] with [`Refusal::NotTakeable`] listing all that is missing.
    pub async fn publish(
        &self,
        id: Id<kinds::Course>,
        owner: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Course, EditError> {
        let mut edit = self.edit(id, owner).await?;
        let mut corrected = false;
        loop {
            let outline = self.outline(id).await?.ok_or(EditError::NoCourse)?;
            if outline.course.status == CourseStatus::Published {
                return Ok(outline.course);
            }
            // Its own corrections change the revision too.
            if !corrected {
                demand(self.1, &outline.course)?;
            }
            let (after, transaction) = self.plan_publication(&outline, now).await?;
            // The first rounds of a course with many stale durations only correct them.
            if edit.commit(transaction).await? {
                if after.status == CourseStatus::Published {
                    return Ok(after);
                }
                corrected = true;
            }
        }
    }

    /// Takes a course out of the list; who is enrolled keeps it. A draft stays as it is.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn unpublish(
        &self,
        id: Id<kinds::Course>,
        owner: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Course, EditError> {
        let mut edit = self.edit(id, owner).await?;
        loop {
            let before = edit.course();
            if before.status == CourseStatus::Draft {
                return Ok(before);
            }
            let mut after = Course { status: CourseStatus::Draft, ..before.clone() };
            let transaction = count_listed(rewrite(self.0, &before, &mut after, now), &before, -1, now);
            if edit.commit(transaction).await? {
                return Ok(after);
            }
        }
    }

    /// The course after the next step towards publication, and what writes it.
    async fn plan_publication(
        &self,
        outline: &Outline,
        now: Timestamp,
    ) -> Result<(Course, Transaction<'_, Part>), EditError> {
        let before = &outline.course;
        let videos = self.playable_videos(outline).await?;
        let duration = |lesson: &Lesson| lesson.video_id.and_then(|id| videos.get(&id)).copied();
        let lessons: Vec<_> = outline
            .lessons()
            .map(|lesson| LessonState {
                id: lesson.id,
                kind: lesson.kind,
                video: lesson.video_id,
                playable: duration(lesson).is_some(),
                has_files: lesson.resource_count > 0,
            })
            .collect();
        let (sections, price) = (outline.sections.len(), before.price());
        let state = CourseState { description: &before.description, price, sections, lessons: &lessons };
        let missing = state.missing();
        if !missing.is_empty() {
            return Err(Refusal::NotTakeable(missing).into());
        }
        let mut stale = outline.lessons().filter_map(|lesson| {
            let seconds = duration(lesson).filter(|seconds| *seconds != lesson.duration_seconds)?;
            Some((lesson, seconds))
        });
        let now_corrected: Vec<_> = stale.by_ref().take(CORRECTIONS_MAX).collect();
        let all_corrected = stale.next().is_none();

        let mut after = before.clone();
        for (lesson, seconds) in &now_corrected {
            after.duration_seconds = after.duration_seconds.saturating_sub(lesson.duration_seconds) + seconds;
        }
        if all_corrected {
            after.status = CourseStatus::Published;
            after.published_at = Some(before.published_at.unwrap_or(now));
        }
        let mut transaction = rewrite(self.0, before, &mut after, now);
        for (lesson, seconds) in now_corrected {
            let update =
                Update::of::<Lesson>(lesson.key()).set("duration_seconds", seconds).set("updated_at", now);
            transaction = transaction.update(Part::Rest, update.when(Condition::Exists));
        }
        if all_corrected {
            transaction = count_listed(transaction, before, 1, now);
        }
        Ok((after, transaction))
    }

    /// The durations of those of the lessons' videos that can be played and are the instructor's.
    async fn playable_videos(&self, outline: &Outline) -> Result<HashMap<Id<kinds::Video>, u64>, EditError> {
        let ids = outline
            .lessons()
            .filter(|lesson| lesson.kind == LessonKind::Video)
            .filter_map(|lesson| lesson.video_id);
        let videos: Vec<Video> =
            self.0.batch().with_all::<Video>(ids.map(Video::key_of)).read().await?.all()?;
        let usable = videos.into_iter().filter(|video| {
            video.owner_id == outline.course.instructor_id
                && video.deleted_at.is_none()
                && video.status.is_playable()
        });
        Ok(usable.map(|video| (video.id, video.duration_seconds())).collect())
    }
}

/// Counts published courses: of all, and of the teacher's.
pub(super) fn count_listed<'a>(
    transaction: Transaction<'a, Part>,
    course: &Course,
    by: i64,
    now: Timestamp,
) -> Transaction<'a, Part> {
    let of_all = Update::upsert::<CatalogStats>(CatalogStats::key_of())
        .add("published_count", by)
        .set_if_absent("created_at", now)
        .set("updated_at", now);
    transaction.update(Part::Rest, of_all).update(Part::Rest, count_courses(course, by))
}
