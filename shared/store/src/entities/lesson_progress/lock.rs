//! Whether a lesson is open for a student.

use domain::learning::{Lock, lesson_opens};
use kernel::Timestamp;

use super::Learning;
use crate::{
    StoreError,
    entities::{Course, Enrollment, Lesson},
};

impl Learning<'_> {
    /// What locks a lesson for a student who may take its course, if anything does. No call for a lesson that nothing can lock; else
    /// [`Self::completed`], and in a course with a required order the outline.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lock(
        &self,
        enrollment: &Enrollment,
        (course, lesson): (&Course, &Lesson),
        now: Timestamp,
    ) -> Result<Option<Lock>, StoreError> {
        let since = enrollment.enrolled_at;
        let by_time = lesson_opens(lesson.step(false), since, true, now).err();
        let in_order = course.required_order && !lesson.is_preview;
        if by_time.is_none() && !in_order {
            return Ok(None);
        }
        let outline = match in_order {
            true => self.0.courses().outline(course.id).await?,
            false => None,
        };
        let lessons = outline.iter().flat_map(|outline| outline.lessons());
        let earlier: Vec<_> = lessons.take_while(|other| other.id != lesson.id).collect();
        let completed = self.completed(enrollment.id, &[earlier.as_slice(), &[lesson]].concat()).await?;
        let earlier_completed = earlier.iter().all(|lesson| completed.contains(&lesson.id));
        Ok(lesson_opens(lesson.step(completed.contains(&lesson.id)), since, earlier_completed, now).err())
    }
}
