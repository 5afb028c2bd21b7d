//! How a copy of a course begins: with a draft that nobody sees, and with reminders of the files that are on their way into it.
//!
//! A file is copied under the key of the new course before a lesson has it. Its reminder, which is there before, has the janitor remove it
//! like an upload that no lesson got; the transaction that shows the copy takes all reminders away. So of a copy that was given up no file
//! stays.

use std::collections::HashMap;

use domain::course::{LESSONS_MAX, Refusal, SECTIONS_MAX, resource::ATTACH_WITHIN};
use kernel::{Id, Timestamp, id::kinds};

use super::{Lesson, NewSection};
use crate::{
    Condition, Entity as _, Table, TransactionError,
    entities::{
        Course, Resource,
        course::{Courses, EditError, Part},
    },
};

/// A copy with what earlier attempts have made of it.
#[derive(Clone, Debug)]
pub struct BegunCopy {
    pub(super) course: Course,
    pub(super) lessons: HashMap<Id<kinds::Lesson>, Lesson>,
    pub(super) files: HashMap<Id<kinds::Lesson>, Vec<Id<kinds::Resource>>>,
}

impl BegunCopy {
    /// Its course.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// Whether an earlier attempt has shown it: only the answer was lost.
    pub fn is_shown(&self) -> bool {
        self.course.deleted_at.is_none()
    }

    /// Whether an earlier attempt has made this lesson. Then it keeps the files that it has.
    pub fn has_made(&self, lesson: Id<kinds::Lesson>) -> bool {
        self.lessons.contains_key(&lesson)
    }
}

impl Courses<'_> {
    /// Stores a draft so that nobody sees it before [`Courses::show_copy`]. What an earlier attempt has made under the same identifiers is
    /// kept.
    ///
    /// # Errors
    /// [`EditError::Refused`] before anything is stored; [`EditError`] otherwise, and another attempt goes on.
    pub async fn begin_copy(
        &self,
        draft: &Course,
        sections: &[NewSection],
        now: Timestamp,
    ) -> Result<BegunCopy, EditError> {
        if sections.iter().map(|section| section.lessons.len()).sum::<usize>() > LESSONS_MAX as usize {
            return Err(Refusal::TooManyLessons.into());
        }
        if sections.len() > SECTIONS_MAX {
            return Err(Refusal::TooManySections.into());
        }
        let hidden = Course { deleted_at: Some(now), ..draft.clone() };
        let course = self.0.put_new(&hidden).await?.unwrap_or(hidden);
        let mut begun = BegunCopy { course, lessons: HashMap::new(), files: HashMap::new() };
        if begun.course.section_order.is_empty() {
            return Ok(begun);
        }
        let outline = self.whole(begun.course.id).await?.ok_or(EditError::NoCourse)?;
        let with_files = outline.lessons().filter(|lesson| lesson.resource_count > 0).map(|lesson| lesson.id);
        for list in self.resources_of(with_files).await? {
            begun.files.insert(list.lesson_id, list.resources.iter().map(|file| file.id).collect());
        }
        begun.lessons = outline.lessons().map(|lesson| (lesson.id, lesson.clone())).collect();
        Ok(begun)
    }

    /// Has the janitor remove these files of a copy after [`domain::course::resource::LOOSE_LIFE`] unless the copy is shown before: to be
    /// called before they are copied. One transaction of at most [`domain::course::resource::COPIED_MAX`] reminders; no call without files.
    ///
    /// # Errors
    /// [`Refusal::CopyTooOld`] when the copy was begun so long ago that they might go at once; [`EditError::Contended`] when it was shown
    /// meanwhile: a reminder would then take a file from a lesson.
    pub async fn expect_files(
        &self,
        begun: &BegunCopy,
        files: &[Id<kinds::Resource>],
        now: Timestamp,
    ) -> Result<(), EditError> {
        if files.is_empty() {
            return Ok(());
        }
        let course = &begun.course;
        demand_in_time(course, now)?;
        let is_hidden = Condition::Has("deleted_at");
        let mut transaction =
            self.0.transaction().check(Part::Course, Table::Catalog, course.key(), is_hidden);
        for file in files {
            let reminder = Resource::first_reminder(course.id, *file).ok_or(Refusal::CopyTooOld)?;
            transaction = transaction.put(Part::Rest, &reminder);
        }
        match transaction.commit().await {
            Ok(()) => Ok(()),
            Err(TransactionError::Failed { .. }) => Err(EditError::Contended),
            Err(TransactionError::Store(error)) => Err(error.into()),
        }
    }
}

/// A copy with files must be shown well before the janitor may look for them. Its identifier tells when it was begun, as theirs do.
pub(super) fn demand_in_time(copy: &Course, now: Timestamp) -> Result<(), Refusal> {
    let begun = Resource::begun_at(copy.id.derived(0));
    if begun.is_some_and(|begun| now < begun + ATTACH_WITHIN) { Ok(()) } else { Err(Refusal::CopyTooOld) }
}
