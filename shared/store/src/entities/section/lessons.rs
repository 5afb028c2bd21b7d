//! How the lessons of a course change.

use domain::{
    course::{
        CourseStatus, LESSONS_MAX, LessonKind, Missing, Refusal, publish::LessonState, quiz::Quiz, without,
    },
    learning::Schedule,
};
use kernel::{Id, Timestamp, id::kinds};

use super::{Lesson, LessonContent, LessonPlace, sections::rewrite_order};
use crate::{
    Condition, Consistency, Entity as _, Table, Transaction, Update,
    entities::{
        Course, LessonQuiz, LessonResources, QuizKey, Video,
        course::{Courses, EditError, Part, rewrite},
        resource::{Resource, claim, remind_of},
    },
};

/// Lessons of other courses that a video remembers: it bounds the video's item and what playback reads for a preview.
const SHARED_LESSONS_MAX: usize = 200;

/// A lesson to be made.
#[derive(Clone, Debug)]
pub struct NewLesson {
    /// Its identifier.
    pub id: Id<kinds::Lesson>,
    /// Its section.
    pub section_id: Id<kinds::Section>,
    /// Its kind.
    pub kind: LessonKind,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Text, of a lesson of kind text.
    pub content: Option<String>,
    /// Questions, of a lesson of kind quiz.
    pub quiz: Option<Quiz>,
    /// Files, which were uploaded for the course and are in no lesson.
    pub resources: Vec<Resource>,
    /// Video, of a lesson of kind video; may come later.
    pub video_id: Option<Id<kinds::Video>>,
    /// Duration in seconds, of other kinds than video; a video brings its own.
    pub duration_seconds: Option<u64>,
    /// Whether everybody may take it.
    pub is_preview: bool,
    /// When it opens for students.
    pub schedule: Schedule,
}

/// What an instructor may change of a lesson; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct LessonChanges {
    /// New title.
    pub title: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New text.
    pub content: Option<String>,
    /// New questions.
    pub quiz: Option<Quiz>,
    /// New video; `Some(None)` takes it away.
    pub video_id: Option<Option<Id<kinds::Video>>>,
    /// New duration of a text or a quiz in seconds.
    pub duration_seconds: Option<u64>,
    /// Whether everybody may take it.
    pub is_preview: Option<bool>,
    /// When it opens; `Some(None)` takes the date away.
    pub opens_at: Option<Option<Timestamp>>,
    /// How many days after the enrolment it opens; `Some(None)` takes them away.
    pub opens_after_days: Option<Option<u32>>,
}

impl Courses<'_> {
    /// Puts a new lesson at the end of its section: the lesson, its place, its text, quiz and files, its video's place in the course, the order
    /// of the section, and the count and duration of the course in one transaction. One that is there was made by an earlier attempt at the same
    /// request.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn add_lesson(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        new: &NewLesson,
        now: Timestamp,
    ) -> Result<Lesson, EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let mut section = self.section(course, new.section_id).await?;
            if section.lesson_order.contains(&new.id) {
                return Ok(self.lesson(course, new.id).await?.ok_or(Refusal::NoLesson)?);
            }
            if before.lesson_count >= LESSONS_MAX {
                return Err(Refusal::TooManyLessons.into());
            }
            let mut lesson = Lesson {
                id: new.id,
                course_id: course,
                section_id: new.section_id,
                kind: new.kind,
                title: new.title.clone(),
                description: new.description.clone(),
                video_id: new.video_id,
                duration_seconds: new.duration_seconds.unwrap_or_default(),
                is_preview: new.is_preview,
                schedule: new.schedule,
                resource_count: u32::try_from(new.resources.len()).unwrap_or(u32::MAX),
                created_at: now,
                updated_at: now,
            };
            let video = match new.video_id {
                Some(id) => Some(self.usable_video(&before, &lesson, id).await?),
                None => None,
            };
            lesson.duration_seconds =
                video.as_ref().map_or(lesson.duration_seconds, |video| video.duration_seconds());
            stays_takeable(&before, &lesson, video.as_ref())?;

            let mut after = before.clone();
            after.lesson_count += 1;
            after.duration_seconds += lesson.duration_seconds;
            section.lesson_order.push(lesson.id);
            let place = LessonPlace {
                lesson_id: lesson.id,
                section_id: lesson.section_id,
                course_id: course,
                instructor_id: owner,
            };
            let mut transaction = rewrite(self.0, &before, &mut after, now)
                .update(Part::Rest, rewrite_order(&section, now))
                .put_new(Part::Rest, &lesson)
                .put_new(Part::Rest, &place);
            if let Some(text) = &new.content {
                transaction = transaction.put(Part::Rest, &content(&lesson, text, now));
            }
            if !new.resources.is_empty() {
                let reminders = self.reminders(course, &new.resources).await?;
                let resources = new.resources.clone();
                let Lesson { id: lesson_id, course_id, .. } = lesson;
                let files = LessonResources { lesson_id, course_id, resources, updated_at: now };
                transaction = claim(transaction, &reminders).put_new(Part::Rest, &files);
            }
            if let Some(quiz) = &new.quiz {
                transaction = put_quiz(transaction, &lesson, quiz, 1, now);
            }
            if let Some(video) = &video {
                transaction = transaction.update(Part::Rest, attach(video, &lesson, now));
            }
            if edit.commit(transaction).await? {
                return Ok(lesson);
            }
        }
    }

    /// Changes a lesson.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn change_lesson(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        id: Id<kinds::Lesson>,
        changes: &LessonChanges,
        now: Timestamp,
    ) -> Result<Lesson, EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let old = self.lesson(course, id).await?.ok_or(Refusal::NoLesson)?;
            let mut lesson = changed(&old, changes, now)?;
            let mut update = Update::of::<Lesson>(old.key())
                .set("title", &lesson.title)
                .set("description", &lesson.description)
                .set("is_preview", lesson.is_preview)
                .set("opens_at", lesson.schedule.opens_at)
                .set("opens_after_days", lesson.schedule.opens_after_days)
                .set("updated_at", now)
                .when(Condition::Exists);
            let mut after = before.clone();
            let mut rest = Vec::new();
            if lesson.video_id != old.video_id {
                let video = match lesson.video_id {
                    Some(id) => Some(self.usable_video(&before, &lesson, id).await?),
                    None => None,
                };
                stays_takeable(&before, &lesson, video.as_ref())?;
                lesson.duration_seconds = video.as_ref().map_or(0, |video| video.duration_seconds());
                rest.extend(self.detach(&old, now).await?);
                rest.extend(video.as_ref().map(|video| attach(video, &lesson, now)));
                // The upload of a lesson's video sets it without a revision: what it set must not be lost.
                update = update.set("video_id", lesson.video_id).when(match old.video_id {
                    Some(id) => Condition::equals("video_id", id),
                    None => Condition::HasNot("video_id"),
                });
            }
            update = update.set("duration_seconds", lesson.duration_seconds);
            after.duration_seconds =
                after.duration_seconds.saturating_sub(old.duration_seconds) + lesson.duration_seconds;
            let transaction = rewrite(self.0, &before, &mut after, now).update(Part::Rest, update);
            let mut transaction =
                rest.into_iter().fold(transaction, |all, update| all.update(Part::Rest, update));
            if let Some(text) = &changes.content {
                transaction = transaction.put(Part::Rest, &content(&lesson, text, now));
            }
            if let Some(quiz) = &changes.quiz {
                // Read after the course, so it is true when the transaction succeeds.
                let version = self.0.quizzes().sheet(id).await?.map_or(1, |quiz| quiz.version + 1);
                transaction = put_quiz(transaction, &lesson, quiz, version, now);
            }
            if edit.commit(transaction).await? {
                return Ok(lesson);
            }
        }
    }

    /// Deletes a lesson with its place, text and quiz; its video stays with the channel.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn delete_lesson(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        id: Id<kinds::Lesson>,
        now: Timestamp,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let lesson = self.lesson(course, id).await?.ok_or(Refusal::NoLesson)?;
            if before.status == CourseStatus::Published && before.lesson_count <= 1 {
                return Err(Refusal::NotTakeable(vec![Missing::Lesson]).into());
            }
            let mut section = self.section(course, lesson.section_id).await?;
            section.lesson_order = without(&section.lesson_order, id);
            let mut after = before.clone();
            after.lesson_count = after.lesson_count.saturating_sub(1);
            after.duration_seconds = after.duration_seconds.saturating_sub(lesson.duration_seconds);
            let mut transaction: Transaction<'_, Part> = rewrite(self.0, &before, &mut after, now)
                .update(Part::Rest, rewrite_order(&section, now))
                .delete(Part::Rest, Table::Catalog, lesson.key(), Some(Condition::Exists))
                .delete(Part::Rest, Table::Catalog, LessonPlace::key_of(id), None)
                .delete(Part::Rest, Table::Catalog, LessonContent::key_of(id), None);
            if lesson.resource_count > 0 {
                let files: Vec<_> = self.resources(id).await?.iter().map(|file| file.id).collect();
                let list = LessonResources::key_of(id);
                transaction = transaction.delete(Part::Rest, Table::Catalog, list, None);
                transaction = remind_of(transaction, &before, &files, now);
            }
            if lesson.kind == LessonKind::Quiz {
                transaction = transaction
                    .delete(Part::Rest, Table::Catalog, LessonQuiz::key_of(id), None)
                    .delete(Part::Rest, Table::Catalog, QuizKey::key_of(id), None);
            }
            if let Some(update) = self.detach(&lesson, now).await? {
                transaction = transaction.update(Part::Rest, update);
            }
            if edit.commit(transaction).await? {
                return Ok(());
            }
        }
    }

    /// A video of the course's instructor that no other lesson of this course shows, and no other course has: unless that one was deleted, or
    /// shares it with this one. The transaction demands that it is still where it was.
    async fn usable_video(
        &self,
        course: &Course,
        lesson: &Lesson,
        id: Id<kinds::Video>,
    ) -> Result<Video, EditError> {
        let video: Option<Video> = self.0.get(Video::key_of(id), Consistency::Strong).await?;
        let own = |video: &Video| video.owner_id == course.instructor_id && video.deleted_at.is_none();
        let video = video.filter(own).ok_or(Refusal::NoVideo)?;
        let elsewhere = video.lesson_id.is_some_and(|other| other != lesson.id)
            || video.course_id.is_some_and(|other| other != course.id);
        let is_free = if video.shared_with.contains(&course.id) {
            !self.is_shown(course, lesson, &video).await?
        } else {
            !elsewhere || self.is_left_over(course, &video).await?
        };
        if is_free { Ok(video) } else { Err(Refusal::VideoInUse.into()) }
    }

    /// Whether another lesson of this course shows a video that the course shares.
    async fn is_shown(&self, course: &Course, lesson: &Lesson, video: &Video) -> Result<bool, EditError> {
        if video.shared_lessons.len() >= SHARED_LESSONS_MAX {
            return Ok(true);
        }
        let others = video.lessons().filter(|(of, id)| *of == course.id && *id != lesson.id);
        let keys = others.map(|(of, id)| Lesson::key_of(of, id));
        let found: Vec<Lesson> = self.0.batch().with_all::<Lesson>(keys).read().await?.all()?;
        Ok(found.iter().any(|other| other.video_id == Some(video.id)))
    }

    /// Whether the course that has a video, another one than this, is gone: nobody could take the video out there.
    async fn is_left_over(&self, course: &Course, video: &Video) -> Result<bool, EditError> {
        match video.course_id.filter(|other| *other != course.id) {
            Some(other) => Ok(self.get(other).await?.is_none()),
            None => Ok(false),
        }
    }

    /// The update that takes a lesson's video out of the lesson, where it still is there. It keeps its section: who watches is
    /// decided by the course, and the instructor finds it there.
    async fn detach(&self, lesson: &Lesson, now: Timestamp) -> Result<Option<Update>, EditError> {
        let Some(id) = lesson.video_id else { return Ok(None) };
        let video: Option<Video> = self.0.get(Video::key_of(id), Consistency::Strong).await?;
        Ok(video.filter(|video| video.lesson_id == Some(lesson.id)).map(|video| {
            Update::of::<Video>(video.key())
                .remove("lesson_id")
                .set("updated_at", now)
                .when(Condition::equals("lesson_id", lesson.id))
        }))
    }
}

/// The update that puts a video into a lesson, and so into the course whose students may watch it. One that the course shares stays where
/// it is.
pub(super) fn attach(video: &Video, lesson: &Lesson, now: Timestamp) -> Update {
    if video.shared_with.contains(&lesson.course_id) {
        return share(video, lesson, now);
    }
    let placed = Video {
        course_id: Some(lesson.course_id),
        section_id: Some(lesson.section_id),
        lesson_id: Some(lesson.id),
        ..video.clone()
    };
    let place = placed.index_keys().into_iter().find(|place| place.index == 1);
    let as_read = |name, id: Option<String>| match id {
        Some(id) => Condition::equals(name, id),
        None => Condition::HasNot(name),
    };
    Update::of::<Video>(video.key())
        .set("course_id", lesson.course_id)
        .set("section_id", lesson.section_id)
        .set("lesson_id", lesson.id)
        .set_some("gsi1pk", place.as_ref().map(|place| &place.pk))
        .set_some("gsi1sk", place.as_ref().map(|place| &place.sk))
        .set("updated_at", now)
        .when(Condition::equals("owner_id", video.owner_id))
        .when(Condition::HasNot("deleted_at"))
        .when(as_read("lesson_id", video.lesson_id.map(|id| id.to_string())))
        .when(as_read("course_id", video.course_id.map(|id| id.to_string())))
}

/// The update that shows a video in a lesson of a course that shares it.
pub(super) fn share(video: &Video, lesson: &Lesson, now: Timestamp) -> Update {
    Update::of::<Video>(video.key())
        .insert_text("shared_with", lesson.course_id)
        .insert_text("shared_lessons", Video::shared_lesson(lesson.course_id, lesson.id))
        .set("updated_at", now)
        .when(Condition::equals("owner_id", video.owner_id))
        .when(Condition::HasNot("deleted_at"))
}

/// Writes what students see of a quiz and what is right, each as an item of its own.
pub(super) fn put_quiz<'a>(
    transaction: Transaction<'a, Part>,
    lesson: &Lesson,
    quiz: &Quiz,
    version: u32,
    now: Timestamp,
) -> Transaction<'a, Part> {
    let (sheet, solutions) = quiz.clone().split();
    let Lesson { id: lesson_id, course_id, .. } = *lesson;
    let quiz = LessonQuiz { lesson_id, course_id, version, sheet, updated_at: now };
    let key = QuizKey { lesson_id, course_id, version, solutions, updated_at: now };
    transaction.put(Part::Rest, &quiz).put(Part::Rest, &key)
}

/// The text of a lesson.
pub(super) fn content(lesson: &Lesson, text: &str, now: Timestamp) -> LessonContent {
    LessonContent {
        lesson_id: lesson.id,
        course_id: lesson.course_id,
        content: text.to_owned(),
        updated_at: now,
    }
}

/// The lesson after the changes, its video's duration aside.
fn changed(old: &Lesson, changes: &LessonChanges, now: Timestamp) -> Result<Lesson, Refusal> {
    let sent = |field, is_sent: bool| if is_sent { Err(Refusal::WrongKind(field)) } else { Ok(()) };
    match old.kind {
        LessonKind::Video => {
            sent("content", changes.content.is_some())?;
            sent("quiz", changes.quiz.is_some())?;
            sent("duration_seconds", changes.duration_seconds.is_some())?;
        }
        LessonKind::Text => {
            sent("video_id", changes.video_id.is_some())?;
            sent("quiz", changes.quiz.is_some())?;
        }
        LessonKind::Quiz => {
            sent("video_id", changes.video_id.is_some())?;
            sent("content", changes.content.is_some())?;
        }
        LessonKind::File => {
            sent("video_id", changes.video_id.is_some())?;
            sent("content", changes.content.is_some())?;
            sent("quiz", changes.quiz.is_some())?;
        }
    }
    Ok(Lesson {
        title: changes.title.clone().unwrap_or_else(|| old.title.clone()),
        description: changes.description.clone().unwrap_or_else(|| old.description.clone()),
        is_preview: changes.is_preview.unwrap_or(old.is_preview),
        schedule: Schedule {
            opens_at: changes.opens_at.unwrap_or(old.schedule.opens_at),
            opens_after_days: changes.opens_after_days.unwrap_or(old.schedule.opens_after_days),
        },
        duration_seconds: changes.duration_seconds.unwrap_or(old.duration_seconds),
        video_id: changes.video_id.unwrap_or(old.video_id),
        updated_at: now,
        ..old.clone()
    })
}

/// Students of a published course find no lesson that they can't take.
fn stays_takeable(course: &Course, lesson: &Lesson, video: Option<&Video>) -> Result<(), Refusal> {
    let state = LessonState {
        id: lesson.id,
        kind: lesson.kind,
        video: lesson.video_id,
        playable: video.is_some_and(|video| video.status.is_playable()),
        has_files: lesson.resource_count > 0,
    };
    match state.missing() {
        Some(missing) if course.status == CourseStatus::Published => Err(Refusal::NotTakeable(vec![missing])),
        _ => Ok(()),
    }
}
