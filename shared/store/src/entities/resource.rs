//! Files of lessons: the list of each lesson, and the reminder that keeps no file without a lesson.

use domain::{
    course::{CourseStatus, LessonKind, Missing, Refusal, resource},
    sweep::SweepKind,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    Lesson, Sweep,
    course::{Course, Courses, EditError, Part, rewrite},
};
use crate::{Condition, Consistency, Entity, Key, StoreError, Table, Transaction, Update};

/// A file of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Identifier; its time is when the upload began.
    pub id: Id<kinds::Resource>,
    /// What students read.
    pub title: String,
    /// The name under which it is saved.
    pub file_name: String,
    /// Content type.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// When the lesson got it.
    pub added_at: Timestamp,
}

impl Resource {
    /// The folder of a course's files in the uploads bucket.
    pub fn folder(course: Id<kinds::Course>) -> String {
        format!("resources/{course}/")
    }

    /// The key of a file in the uploads bucket.
    pub fn object_key(course: Id<kinds::Course>, id: Id<kinds::Resource>) -> String {
        format!("{}{id}", Self::folder(course))
    }

    /// When the upload of a file began, as its identifier (UUIDv7) says.
    pub fn begun_at(id: Id<kinds::Resource>) -> Option<Timestamp> {
        let (seconds, nanoseconds) = id.uuid().get_timestamp()?.to_unix();
        Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
    }

    /// The reminder to remove a file unless a lesson got it before.
    fn reminder(course: Id<kinds::Course>, id: Id<kinds::Resource>, due_at: Timestamp) -> Sweep {
        Sweep {
            kind: SweepKind::Resource,
            due_at,
            subject: format!("{course}/{id}"),
            video_id: None,
            version: 0,
            upload_id: None,
            user_id: None,
            attempt: 0,
        }
    }

    /// The reminder of a file whose upload begins, or whose copying into another course does.
    pub(super) fn first_reminder(course: Id<kinds::Course>, id: Id<kinds::Resource>) -> Option<Sweep> {
        Some(Self::reminder(course, id, Self::begun_at(id)? + resource::LOOSE_LIFE))
    }
}

/// The files of a lesson. They are not part of the lesson, so that a course's page does not read them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LessonResources {
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// At most [`resource::RESOURCES_MAX`], in the order in which they came.
    pub resources: Vec<Resource>,
    /// Last change.
    pub updated_at: Timestamp,
}

impl LessonResources {
    /// The key of a lesson's files.
    pub fn key_of(lesson: Id<kinds::Lesson>) -> Key {
        Key::new(format!("LESSON#{lesson}"), "RESOURCES")
    }
}

impl Entity for LessonResources {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "lesson_resources";

    fn key(&self) -> Key {
        Self::key_of(self.lesson_id)
    }
}

impl Courses<'_> {
    /// The files of a lesson: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resources(&self, lesson: Id<kinds::Lesson>) -> Result<Vec<Resource>, StoreError> {
        let found: Option<LessonResources> =
            self.0.get(LessonResources::key_of(lesson), Consistency::Strong).await?;
        Ok(found.map(|found| found.resources).unwrap_or_default())
    }

    /// The files of several lessons, of those that have any: one read for a hundred.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resources_of(
        &self,
        lessons: impl IntoIterator<Item = Id<kinds::Lesson>>,
    ) -> Result<Vec<LessonResources>, StoreError> {
        let keys = lessons.into_iter().map(LessonResources::key_of);
        self.0.batch().with_all::<LessonResources>(keys).read().await?.all()
    }

    /// Begins the upload of a file: the janitor removes it after [`resource::LOOSE_LIFE`] unless a lesson gets it. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_resource(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Resource>,
    ) -> Result<(), StoreError> {
        match Resource::first_reminder(course, id) {
            Some(reminder) => self.0.put(&reminder).await,
            None => Err(StoreError::Unexpected(format!("{id} has no time"))),
        }
    }

    /// Gives a lesson an uploaded file. Each file gets into one lesson, once: the reminder that its upload has left must be there still.
    ///
    /// # Errors
    /// [`EditError`]; [`Refusal::NoFile`] where the reminder is gone.
    pub async fn add_resource(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        lesson: Id<kinds::Lesson>,
        new: &Resource,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let (lesson, mut files) = self.lesson_with_files(course, lesson).await?;
            if files.iter().any(|file| file.id == new.id) {
                return Ok(());
            }
            if files.len() >= resource::RESOURCES_MAX {
                return Err(Refusal::TooManyResources.into());
            }
            let reminders = self.reminders(course, std::slice::from_ref(new)).await?;
            files.push(new.clone());
            let mut after = before.clone();
            let transaction = claim(rewrite(self.0, &before, &mut after, new.added_at), &reminders);
            if edit.commit(put_files(transaction, &lesson, files, new.added_at)).await? {
                return Ok(());
            }
        }
    }

    /// Takes a file away from a lesson; the janitor removes it at its next look.
    ///
    /// # Errors
    /// [`EditError`]; [`Refusal::NoResource`] where the lesson has no such file.
    pub async fn remove_resource(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        lesson: Id<kinds::Lesson>,
        id: Id<kinds::Resource>,
        now: Timestamp,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let (lesson, mut files) = self.lesson_with_files(course, lesson).await?;
            let count = files.len();
            files.retain(|file| file.id != id);
            if files.len() == count {
                return Err(Refusal::NoResource.into());
            }
            if files.is_empty() && lesson.kind == LessonKind::File && before.status == CourseStatus::Published
            {
                return Err(Refusal::NotTakeable(vec![Missing::File { lesson_id: lesson.id }]).into());
            }
            let mut after = before.clone();
            let transaction = rewrite(self.0, &before, &mut after, now);
            let transaction = put_files(transaction, &lesson, files, now);
            if edit.commit(remind_of(transaction, &before, &[id], now)).await? {
                return Ok(());
            }
        }
    }

    /// The reminders of files that were uploaded for a course and are in no lesson.
    pub(super) async fn reminders(
        &self,
        course: Id<kinds::Course>,
        files: &[Resource],
    ) -> Result<Vec<Sweep>, EditError> {
        let wanted: Option<Vec<_>> =
            files.iter().map(|file| Resource::first_reminder(course, file.id)).collect();
        let wanted = wanted.ok_or(Refusal::NoFile)?;
        let found: Vec<Sweep> =
            self.0.batch().with_all::<Sweep>(wanted.iter().map(Entity::key)).read().await?.all()?;
        // Of a file that is missing here, another lesson has it, or the janitor may have removed it.
        if found.len() == files.len() { Ok(found) } else { Err(Refusal::NoFile.into()) }
    }

    async fn lesson_with_files(
        &self,
        course: Id<kinds::Course>,
        lesson: Id<kinds::Lesson>,
    ) -> Result<(Lesson, Vec<Resource>), EditError> {
        let batch = self.0.batch().with::<Lesson>(Lesson::key_of(course, lesson));
        let found = batch.with::<LessonResources>(LessonResources::key_of(lesson)).read().await?;
        let lesson = found.one::<Lesson>()?.ok_or(Refusal::NoLesson)?;
        let files = found.one::<LessonResources>()?.map(|found| found.resources).unwrap_or_default();
        Ok((lesson, files))
    }
}

/// Takes files from the janitor: of two lessons that want one at the same moment, one gets it.
pub(super) fn claim<'a>(transaction: Transaction<'a, Part>, reminders: &[Sweep]) -> Transaction<'a, Part> {
    reminders.iter().fold(transaction, |transaction, reminder| {
        transaction.delete(Part::Rest, Table::Media, reminder.key(), Some(Condition::Exists))
    })
}

/// Writes the list of a lesson's files, and their number into the lesson.
fn put_files<'a>(
    transaction: Transaction<'a, Part>,
    lesson: &Lesson,
    resources: Vec<Resource>,
    now: Timestamp,
) -> Transaction<'a, Part> {
    let count = Update::of::<Lesson>(lesson.key())
        .set("resource_count", resources.len())
        .set("updated_at", now)
        .when(Condition::Exists);
    let Lesson { id: lesson_id, course_id, .. } = *lesson;
    let files = LessonResources { lesson_id, course_id, resources, updated_at: now };
    transaction.update(Part::Rest, count).put(Part::Rest, &files)
}

/// Has the janitor remove these files of a course at its next look.
pub(super) fn remind_of<'a>(
    transaction: Transaction<'a, Part>,
    course: &Course,
    files: &[Id<kinds::Resource>],
    now: Timestamp,
) -> Transaction<'a, Part> {
    files.iter().fold(transaction, |transaction, id| {
        transaction.put(Part::Rest, &Resource::reminder(course.id, *id, now))
    })
}
