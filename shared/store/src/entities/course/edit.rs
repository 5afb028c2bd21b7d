//! How a course changes: against the revision that was read, again when someone else was faster.

use domain::course::{CourseStatus, Level, Missing, Price, Refusal};
use kernel::{Id, Timestamp, id::kinds};

use super::{Course, Courses, SlugGuard, TaughtCourse, publish::count_listed};
use crate::{
    Condition, Entity as _, Store, StoreError, Table, Transaction, TransactionError, Update,
    entities::{Resource, category::recount},
    from_item,
    transaction::wait_for_turn,
};

/// How often a change is planned anew after another one was faster. In each round of a race one change wins, so this many
/// changes at one moment all get through.
const TRIES: u32 = 64;

/// A change of a course did not happen.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The instructor has no such course.
    #[error("the instructor has no such course")]
    NoCourse,
    /// A rule of the domain forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The change demanded another revision; with the one that the course has.
    #[error("the course has revision {0}")]
    Stale(u64),
    /// Others changed the course all the time.
    #[error("the course changes all the time")]
    Contended,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which action of a change did not meet its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The course has another revision.
    Course,
    /// Something else is not as it was read.
    Rest,
}

/// A change under way: the course as it was read last, and how often it was tried.
pub(crate) struct Edit<'a> {
    store: &'a Store,
    owner: Id<kinds::User>,
    course: Course,
    /// The revision that the change demands.
    demanded: Option<u64>,
    attempt: u32,
}

/// What an instructor may change; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct CourseChanges {
    /// New title.
    pub title: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New short description.
    pub short_description: Option<String>,
    /// New category.
    pub category: Option<String>,
    /// New level.
    pub level: Option<Level>,
    /// New language.
    pub language: Option<String>,
    /// New picture.
    pub thumbnail: Option<String>,
    /// New price.
    pub price: Option<Price>,
    /// New price before the discount; `Some(None)` removes it.
    pub original_price: Option<Option<Price>>,
    /// Whether it is part of plans.
    pub in_plans: Option<bool>,
    /// Whether its lessons have a required order.
    pub required_order: Option<bool>,
    /// New outcomes.
    pub outcomes: Option<Vec<String>>,
    /// New requirements.
    pub requirements: Option<Vec<String>>,
    /// New prerequisites.
    pub prerequisites: Option<String>,
    /// New tags.
    pub tags: Option<Vec<String>>,
}

impl CourseChanges {
    fn apply(self, course: &mut Course) -> Result<(), Refusal> {
        fn put<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        put(&mut course.title, self.title);
        put(&mut course.description, self.description);
        put(&mut course.short_description, self.short_description);
        put(&mut course.category, self.category);
        put(&mut course.level, self.level);
        put(&mut course.language, self.language);
        put(&mut course.thumbnail, self.thumbnail);
        put(&mut course.in_plans, self.in_plans);
        put(&mut course.required_order, self.required_order);
        put(&mut course.outcomes, self.outcomes);
        put(&mut course.requirements, self.requirements);
        put(&mut course.prerequisites, self.prerequisites);
        put(&mut course.tags, self.tags);
        put(&mut course.price_minor, self.price.map(|price| Some(price.minor())));
        put(&mut course.original_price_minor, self.original_price.map(|price| price.map(Price::minor)));
        if course
            .original_price()
            .is_some_and(|original| course.price().is_some_and(|price| original < price))
        {
            return Err(Refusal::OriginalPriceTooLow);
        }
        // Of what publication asks for, only the description can be taken away here.
        if course.status == CourseStatus::Published && course.description.trim().is_empty() {
            return Err(Refusal::NotTakeable(vec![Missing::Description]));
        }
        Ok(())
    }
}

/// Begins the transaction that brings a course from one state to the next. It is the one place that writes a course which
/// exists: all fields that its instructor changes, the revision, the place in the index that follows from the status, and the
/// counts of the categories.
pub(crate) fn rewrite<'a>(
    store: &'a Store,
    before: &Course,
    after: &mut Course,
    now: Timestamp,
) -> Transaction<'a, Part> {
    let update = rewrite_update(before, after, now);
    // Students who come and review write the course's item too, and may be hundreds at one moment.
    recount(store.transaction().hot().update(Part::Course, update), before, after, now)
}

/// The update that [`rewrite`] begins with.
fn rewrite_update(before: &Course, after: &mut Course, now: Timestamp) -> Update {
    after.revision = before.revision + 1;
    after.updated_at = now;
    let place = after.place();
    Update::of::<Course>(before.key())
        .set("title", &after.title)
        .set("description", &after.description)
        .set("short_description", &after.short_description)
        .set("category", &after.category)
        .set("level", after.level)
        .set("language", &after.language)
        .set("thumbnail", &after.thumbnail)
        .set("price_minor", after.price_minor)
        .set("original_price_minor", after.original_price_minor)
        .set("in_plans", after.in_plans)
        .set("required_order", after.required_order)
        .set("outcomes", &after.outcomes)
        .set("requirements", &after.requirements)
        .set("prerequisites", &after.prerequisites)
        .set("tags", &after.tags)
        .set("status", after.status)
        .set("section_order", &after.section_order)
        .set("lesson_count", after.lesson_count)
        .set("duration_seconds", after.duration_seconds)
        .set("revision", after.revision)
        .set("published_at", after.published_at)
        .set("updated_at", after.updated_at)
        .set("retired_at", after.retired_at)
        .set("deleted_at", after.deleted_at)
        .set("gsi1pk", place.as_ref().map(|place| &place.pk))
        .set("gsi1sk", place.as_ref().map(|place| &place.sk))
        .when(Condition::equals("revision", before.revision))
}

impl Courses<'_> {
    /// Makes a course together with the guard of its slug and its place in the instructor's list: two courses never share a
    /// slug, whatever races. `false` when the slug is taken, also by this course, where an earlier attempt at the same request made it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, course: &Course) -> Result<bool, StoreError> {
        let Course { id: course_id, instructor_id, created_at, .. } = *course;
        let guard = SlugGuard { slug: course.slug.clone(), course_id, created_at };
        let transaction = self
            .0
            .transaction()
            .put_new("slug", &guard)
            .put_new("course", course)
            .put_new("place", &TaughtCourse { instructor_id, course_id, created_at });
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { label: "slug", .. }) => Ok(false),
            Err(TransactionError::Failed { .. }) => Err(StoreError::ConditionFailed(None)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Shows a copy ([`Courses::fill`]) to its instructor as a draft: its slug, its place in his list, the end of its hiding, and the end of
    /// the reminders that would have the janitor remove its files, in one transaction. Gives it as it is then, also where an earlier attempt
    /// showed it; `None` when the slug is taken.
    ///
    /// # Errors
    /// [`EditError::NoCourse`] when it was erased with its instructor's account; [`Refusal::CopyTooOld`] where a reminder is gone.
    pub async fn show_copy(
        &self,
        copy: &Course,
        files: &[Id<kinds::Resource>],
        now: Timestamp,
    ) -> Result<Option<Course>, EditError> {
        let Course { id: course_id, instructor_id, created_at, .. } = *copy;
        let mut shown = Course { deleted_at: None, ..copy.clone() };
        let update = rewrite_update(copy, &mut shown, now).set("slug", &shown.slug);
        let guard = SlugGuard { slug: shown.slug.clone(), course_id, created_at: now };
        let mut transaction = self
            .0
            .transaction()
            .update("course", update)
            .put_new("slug", &guard)
            .put_new("place", &TaughtCourse { instructor_id, course_id, created_at });
        for file in files {
            let reminder = Resource::first_reminder(course_id, *file).ok_or(Refusal::CopyTooOld)?;
            transaction = transaction.delete("file", Table::Media, reminder.key(), Some(Condition::Exists));
        }
        match transaction.commit().await {
            Ok(()) => Ok(Some(shown)),
            Err(TransactionError::Failed { label: "slug", .. }) => Ok(None),
            Err(TransactionError::Failed { label: "file", .. }) => Err(Refusal::CopyTooOld.into()),
            Err(TransactionError::Failed { .. }) => {
                self.get(course_id).await?.map(Some).ok_or(EditError::NoCourse)
            }
            Err(TransactionError::Store(error)) => Err(error.into()),
        }
    }

    /// Changes a course of this instructor and gives it as it is afterwards.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn change(
        &self,
        id: Id<kinds::Course>,
        owner: Id<kinds::User>,
        changes: CourseChanges,
        now: Timestamp,
    ) -> Result<Course, EditError> {
        let mut edit = self.edit(id, owner).await?;
        loop {
            let before = edit.course();
            let mut after = before.clone();
            changes.clone().apply(&mut after)?;
            let transaction = rewrite(self.0, &before, &mut after, now);
            if edit.commit(transaction).await? {
                return Ok(after);
            }
        }
    }

    /// Deletes a course. One without students leaves the instructor's list and frees its slug at once; its items stay for the
    /// erasure job. One with students leaves the catalogue and its instructor's hands; they keep it, and its slug for their links.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn delete(
        &self,
        id: Id<kinds::Course>,
        owner: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(id, owner).await?;
        loop {
            let before = edit.course();
            // Students come without changing the revision: the number that was read is part of the condition.
            let same_students = Condition::equals("student_count", before.student_count);
            let mut after = Course { status: CourseStatus::Draft, ..before.clone() };
            let is_taken = before.student_count > 0;
            if is_taken {
                after.retired_at = Some(now);
            } else {
                after.deleted_at = Some(now);
            }
            let update = rewrite_update(&before, &mut after, now).when(same_students);
            let transaction = self.0.transaction().hot().update(Part::Course, update);
            let mut transaction = recount(transaction, &before, &after, now);
            if before.status == CourseStatus::Published {
                transaction = count_listed(transaction, &before, -1, now);
            }
            if !is_taken {
                let his = Condition::equals("course_id", id);
                transaction = transaction
                    .delete(Part::Rest, Table::Catalog, TaughtCourse::key_of(owner, id), None)
                    .delete(Part::Rest, Table::Catalog, SlugGuard::key_of(&before.slug), Some(his));
            }
            if edit.commit(transaction).await? {
                return Ok(());
            }
        }
    }

    /// Begins a change of a course of this instructor. A change is planned on [`Edit::course`], begun with [`rewrite`] and ended
    /// with [`Edit::commit`], again and again until that succeeds. Every change of the course, its sections or lessons goes this
    /// way, so what a plan reads *after* it got the course is true when its transaction succeeds.
    pub(crate) async fn edit(
        &self,
        id: Id<kinds::Course>,
        owner: Id<kinds::User>,
    ) -> Result<Edit<'_>, EditError> {
        let course = own(self.get(id).await?, owner)?;
        demand(self.1, &course)?;
        Ok(Edit { store: self.0, owner, course, demanded: self.1, attempt: 0 })
    }
}

fn own(course: Option<Course>, owner: Id<kinds::User>) -> Result<Course, EditError> {
    course.filter(|course| course.is_taught_by(owner)).ok_or(EditError::NoCourse)
}

/// Refuses a course that has not the revision that is demanded.
pub(super) fn demand(revision: Option<u64>, course: &Course) -> Result<(), EditError> {
    match revision {
        Some(demanded) if demanded != course.revision => Err(EditError::Stale(course.revision)),
        _ => Ok(()),
    }
}

impl Edit<'_> {
    /// The course to plan on.
    pub(crate) fn course(&self) -> Course {
        self.course.clone()
    }

    /// Writes the change; `false` when the course or something else is not any more as it was read, and the change must be planned
    /// again on the course as it is now.
    ///
    /// # Errors
    /// [`EditError::NoCourse`] when it was deleted meanwhile, [`EditError::Stale`] when its change was demanded not to meet another's,
    /// [`EditError::Contended`] after [`TRIES`].
    pub(crate) async fn commit(&mut self, transaction: Transaction<'_, Part>) -> Result<bool, EditError> {
        let now = match transaction.commit().await {
            Ok(()) => return Ok(true),
            // The answer to a failed condition carries the course as it is now, which saves a read.
            Err(TransactionError::Failed { label: Part::Course, item: Some(item) }) => {
                Some(from_item(*item)?)
            }
            Err(TransactionError::Failed { .. }) => self.store.courses().get(self.course.id).await?,
            Err(TransactionError::Store(error)) => return Err(error.into()),
        };
        self.course = own(now, self.owner)?;
        demand(self.demanded, &self.course)?;
        self.attempt += 1;
        if self.attempt == TRIES {
            return Err(EditError::Contended);
        }
        wait_for_turn(self.attempt).await;
        Ok(false)
    }
}
