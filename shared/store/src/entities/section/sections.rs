//! How the sections of a course change.

use domain::course::{Refusal, SECTIONS_MAX, is_permutation};
use kernel::{Id, Timestamp, id::kinds};

use super::{Section, SectionPlace};
use crate::{
    Condition, Consistency, Entity as _, Table, Update,
    entities::{
        Course,
        course::{Courses, EditError, Part, rewrite},
    },
};

/// What an instructor may change of a section; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct SectionChanges {
    /// New title.
    pub title: Option<String>,
    /// New description.
    pub description: Option<String>,
}

impl Courses<'_> {
    /// Puts a new section at the end of its course, with its place. One that is there was made by an earlier attempt at the same request.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn add_section(&self, owner: Id<kinds::User>, section: &Section) -> Result<Course, EditError> {
        let place =
            SectionPlace { section_id: section.id, course_id: section.course_id, instructor_id: owner };
        let mut edit = self.edit(section.course_id, owner).await?;
        loop {
            let before = edit.course();
            if before.section_order.contains(&section.id) {
                return Ok(before);
            }
            if before.section_order.len() >= SECTIONS_MAX {
                return Err(Refusal::TooManySections.into());
            }
            let mut after = before.clone();
            after.section_order.push(section.id);
            let transaction = rewrite(self.0, &before, &mut after, section.created_at)
                .put_new(Part::Rest, section)
                .put_new(Part::Rest, &place);
            if edit.commit(transaction).await? {
                return Ok(after);
            }
        }
    }

    /// Changes a section and gives it with its course as they are afterwards.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn change_section(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        id: Id<kinds::Section>,
        changes: &SectionChanges,
        now: Timestamp,
    ) -> Result<(Course, Section), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let old = self.section(course, id).await?;
            let section = Section {
                title: changes.title.clone().unwrap_or(old.title),
                description: changes.description.clone().unwrap_or(old.description),
                updated_at: now,
                ..old
            };
            let mut after = before.clone();
            let transaction = rewrite(self.0, &before, &mut after, now).put_when(
                Part::Rest,
                &section,
                Some(Condition::Exists),
            );
            if edit.commit(transaction).await? {
                return Ok((after, section));
            }
        }
    }

    /// Deletes a section that has no lessons, with its place.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn delete_section(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        id: Id<kinds::Section>,
        now: Timestamp,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            if !self.section(course, id).await?.lesson_order.is_empty() {
                return Err(Refusal::SectionNotEmpty.into());
            }
            let mut after = before.clone();
            after.section_order.retain(|other| *other != id);
            let transaction = rewrite(self.0, &before, &mut after, now)
                .delete(Part::Rest, Table::Catalog, Section::key_of(course, id), None)
                .delete(Part::Rest, Table::Catalog, SectionPlace::key_of(id), None);
            if edit.commit(transaction).await? {
                return Ok(());
            }
        }
    }

    /// Gives the lessons of a section a new order.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn reorder_lessons(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        id: Id<kinds::Section>,
        order: &[Id<kinds::Lesson>],
        now: Timestamp,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            let mut section = self.section(course, id).await?;
            if !is_permutation(&section.lesson_order, order) {
                return Err(Refusal::NotAPermutation.into());
            }
            section.lesson_order = order.to_vec();
            let mut after = before.clone();
            let transaction =
                rewrite(self.0, &before, &mut after, now).update(Part::Rest, rewrite_order(&section, now));
            if edit.commit(transaction).await? {
                return Ok(());
            }
        }
    }

    /// The section as it is after the course was read: see [`Courses::edit`].
    pub(super) async fn section(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Section>,
    ) -> Result<Section, EditError> {
        let section = self.0.get(Section::key_of(course, id), Consistency::Strong).await?;
        section.ok_or_else(|| Refusal::NoSection.into())
    }
}

/// Writes the order of a section's lessons.
pub(super) fn rewrite_order(section: &Section, now: Timestamp) -> Update {
    Update::of::<Section>(section.key())
        .set("lesson_order", &section.lesson_order)
        .set("updated_at", now)
        .when(Condition::Exists)
}
