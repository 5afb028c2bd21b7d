//! A lesson of an enrolment of the caller, with all that decides about it.

use domain::{
    course::LessonKind,
    learning::{Evidence, least_seconds_of_files, least_seconds_of_text},
};
use http_kit::{ApiResult, Platform, Principal};
use kernel::{Id, Timestamp, id::kinds};
use store::entities::{
    Course, Enrollment, Lesson, LessonProgress, QuizRecord, TakenLesson, VideoProgress, activity::Learner,
};

use crate::refusals;

/// A lesson, and how far the caller is with it.
pub(crate) struct OwnLesson {
    pub(crate) enrollment: Enrollment,
    pub(crate) course: Course,
    pub(crate) lesson: Lesson,
    pub(crate) progress: Option<LessonProgress>,
    pub(crate) watched: Option<VideoProgress>,
    pub(crate) learner: Learner,
    passed_quiz: bool,
}

impl OwnLesson {
    /// The enrolment; course, lesson and progress in one batch; the progress in its video. Two more where nothing but his plan gives the right.
    ///
    /// # Errors
    /// 404 where he has no such enrolment, or its course no such lesson; 403 where the enrolment gives no access now.
    pub(crate) async fn read(
        platform: &Platform,
        caller: Principal,
        id: Id<kinds::Enrollment>,
        lesson: Id<kinds::Lesson>,
    ) -> ApiResult<Self> {
        let (store, user) = (platform.store(), caller.user_id);
        let enrollment = store.enrollments().get(user, id).await?.ok_or_else(refusals::not_found)?;
        if !store.enrollments().gives_access(&enrollment, platform.ambient().now()).await? {
            return Err(refusals::no_access(&enrollment));
        }
        let course = enrollment.course_id;
        let batch = store.batch().with::<Course>(Course::key_of(course));
        let batch = batch.with::<Lesson>(Lesson::key_of(course, lesson));
        let batch = batch.with::<LessonProgress>(LessonProgress::key_of(id, lesson));
        let batch = batch.with::<QuizRecord>(QuizRecord::key_of(user, lesson)).with_learner(user);
        let found = batch.read().await?;
        let course = found.one()?.ok_or_else(refusals::lesson_not_found)?;
        let lesson: Lesson = found.one()?.ok_or_else(refusals::lesson_not_found)?;
        let watched = match lesson.video_id {
            Some(video) => store.progress().get(video, id).await?,
            None => None,
        };
        let passed_quiz = found.one::<QuizRecord>()?.is_some_and(|record| record.passed_at.is_some());
        let (progress, learner) = (found.one()?, found.learner(user)?);
        Ok(Self { enrollment, course, lesson, progress, watched, learner, passed_quiz })
    }

    /// Whether he has completed it.
    pub(crate) fn is_completed(&self) -> bool {
        self.progress.as_ref().is_some_and(LessonProgress::is_completed) || self.is_counted()
    }

    fn is_counted(&self) -> bool {
        self.watched.as_ref().is_some_and(VideoProgress::is_counted)
    }

    /// What he completes.
    pub(crate) fn taken(&self) -> TakenLesson {
        TakenLesson { counted_before: self.is_counted(), ..TakenLesson::new(&self.enrollment, &self.lesson) }
    }

    /// Refuses a lesson that is not open for him. As [`store::entities::lesson_progress::Learning::lock`].
    ///
    /// # Errors
    /// 403 with the reason.
    pub(crate) async fn check_open(&self, platform: &Platform) -> ApiResult<()> {
        let (learning, now) = (platform.store().learning(), platform.ambient().now());
        let lock = learning.lock(&self.enrollment, (&self.course, &self.lesson), now).await?;
        lock.map_or(Ok(()), |lock| Err(refusals::locked(lock.into())))
    }

    /// What tells whether it is completed, when he says so.
    pub(crate) fn evidence(&self, now: Timestamp) -> Evidence {
        match self.lesson.kind {
            LessonKind::Video => Evidence::Video {
                progress: self.watched.as_ref().map_or(0.0, |watched| watched.progress),
                completed: self.watched.as_ref().is_some_and(|watched| watched.completed),
            },
            LessonKind::Quiz => Evidence::Quiz { passed: self.passed_quiz },
            LessonKind::Text | LessonKind::File => {
                let unopened = Evidence::Reading { spent_seconds: None, least_seconds: 0 };
                self.progress.as_ref().map_or(unopened, |progress| progress.evidence_when_done(now))
            }
        }
    }

    /// The least time of its content. One read of a text that he has not opened before.
    pub(crate) async fn least_seconds(&self, platform: &Platform) -> ApiResult<u64> {
        let opened = self.progress.as_ref().filter(|progress| progress.opened_at.is_some());
        if let Some(progress) = opened {
            return Ok(progress.least_seconds);
        }
        Ok(match self.lesson.kind {
            LessonKind::Video | LessonKind::Quiz => 0,
            LessonKind::File => least_seconds_of_files(self.lesson.resource_count),
            LessonKind::Text => {
                let text = platform.store().courses().lesson_content(self.lesson.id).await?;
                let characters = text.map_or(0, |text| text.content.chars().count());
                least_seconds_of_text(characters as u64)
            }
        })
    }
}
