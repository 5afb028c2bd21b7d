//! The lesson that shows a student a video: whether it is open for him, and what he completes by watching.

use http_kit::{ApiResult, Platform};
use kernel::{Id, id::kinds};
use store::entities::{Course, Lesson, LessonProgress, TakenLesson, Video};

use crate::{grant::Student, refusal};

/// A lesson of the course that a student is enrolled in, with his progress in it.
#[derive(Debug)]
pub(crate) struct InLesson {
    course: Course,
    lesson: Lesson,
    progress: Option<LessonProgress>,
}

impl Student {
    /// The lesson of his course that shows the video: one batch, none where no lesson does.
    pub(crate) async fn lesson(&self, platform: &Platform, video: &Video) -> ApiResult<Option<InLesson>> {
        let enrollment = &self.0.enrollment;
        let of_course = video.lessons().find(|(course, _)| *course == enrollment.course_id);
        let Some((course, lesson)) = of_course else { return Ok(None) };
        let batch = platform.store().batch().with::<Course>(Course::key_of(course));
        let batch = batch.with::<LessonProgress>(LessonProgress::key_of(enrollment.id, lesson));
        let found = batch.with::<Lesson>(Lesson::key_of(course, lesson)).read().await?;
        let lesson = found.one::<Lesson>()?.filter(|lesson| lesson.video_id == Some(video.id));
        let Some((course, lesson)) = found.one::<Course>()?.zip(lesson) else { return Ok(None) };
        Ok(Some(InLesson { course, lesson, progress: found.one()? }))
    }

    /// Refuses a lesson whose time has not come, or before which others must be completed. As [`store::entities::lesson_progress::Learning::lock`],
    /// and no call for a lesson that he has completed.
    ///
    /// # Errors
    /// 403 with the reason.
    pub(crate) async fn check_open(&self, platform: &Platform, within: Option<&InLesson>) -> ApiResult<()> {
        let Some(within) = within.filter(|within| !within.is_completed()) else { return Ok(()) };
        let (learning, now) = (platform.store().learning(), platform.ambient().now());
        let lock = learning.lock(&self.0.enrollment, (&within.course, &within.lesson), now).await?;
        lock.map_or(Ok(()), |lock| Err(refusal::locked(lock.into())))
    }

    /// What he completes when he has watched the video; `None` where nothing is left to complete.
    pub(crate) fn completes(&self, within: Option<&InLesson>) -> Option<TakenLesson> {
        let within = within.filter(|within| !within.is_completed())?;
        Some(TakenLesson::new(&self.0.enrollment, &within.lesson))
    }
}

impl InLesson {
    /// The lesson.
    pub(crate) const fn id(&self) -> Id<kinds::Lesson> {
        self.lesson.id
    }

    fn is_completed(&self) -> bool {
        self.progress.as_ref().is_some_and(LessonProgress::is_completed)
    }
}
