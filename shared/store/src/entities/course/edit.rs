//! How a course changes: against the revision that was read, again when someone else was faster.

use std::time::Duration;

use domain::course::{CourseStatus, Level, Missing, Price, Refusal};
use kernel::{Id, Timestamp, id::kinds};

use super::{Course, Courses, SlugGuard, TaughtCourse};
use crate::{
    Condition, Entity as _, Store, StoreError, Table, Transaction, TransactionError, Update, from_item,
};

/// How often a change is planned anew after another one was faster. In each round of a race one change wins, so this many
/// changes at one moment all get through.
const TRIES: u32 = 64;
/// Longest wait between two tries, in milliseconds.
const WAIT_MAX_MS: u64 = 160;

/// A change of a course did not happen.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The instructor has no such course.
    #[error("the instructor has no such course")]
    NoCourse,
    /// A rule of the domain forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
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
    /// New outcomes.
    pub outcomes: Option<Vec<String>>,
    /// New requirements.
    pub requirements: Option<Vec<String>>,
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
        put(&mut course.outcomes, self.outcomes);
        put(&mut course.requirements, self.requirements);
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
/// exists: all fields that its instructor changes, the revision, and the place in the index that follows from the status.
pub(crate) fn rewrite<'a>(
    store: &'a Store,
    before: &Course,
    after: &mut Course,
    now: Timestamp,
) -> Transaction<'a, Part> {
    after.revision = before.revision + 1;
    after.updated_at = now;
    let place = after.place();
    let update = Update::of::<Course>(before.key())
        .set("title", &after.title)
        .set("description", &after.description)
        .set("short_description", &after.short_description)
        .set("category", &after.category)
        .set("level", after.level)
        .set("language", &after.language)
        .set("thumbnail", &after.thumbnail)
        .set("price_minor", after.price_minor)
        .set("original_price_minor", after.original_price_minor)
        .set("outcomes", &after.outcomes)
        .set("requirements", &after.requirements)
        .set("tags", &after.tags)
        .set("status", after.status)
        .set("section_order", &after.section_order)
        .set("lesson_count", after.lesson_count)
        .set("duration_seconds", after.duration_seconds)
        .set("revision", after.revision)
        .set("published_at", after.published_at)
        .set("updated_at", after.updated_at)
        .set("deleted_at", after.deleted_at)
        .set("gsi1pk", place.as_ref().map(|place| &place.pk))
        .set("gsi1sk", place.as_ref().map(|place| &place.sk))
        .when(Condition::equals("revision", before.revision));
    store.transaction().update(Part::Course, update)
}

impl Courses<'_> {
    /// Makes a course together with the guard of its slug and its place in the instructor's list: two courses never share a
    /// slug, whatever races. `false` when the slug is taken.
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

    /// Deletes a draft that nobody is enrolled in: it leaves the instructor's list and frees its slug at once; its items stay
    /// for the erasure job.
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
            if before.status == CourseStatus::Published {
                return Err(Refusal::Published.into());
            }
            // No enrolment can come in between: it needs a published course, and publishing changes the revision.
            if before.student_count > 0 {
                return Err(Refusal::HasStudents.into());
            }
            let mut after = Course { deleted_at: Some(now), ..before.clone() };
            let transaction = rewrite(self.0, &before, &mut after, now)
                .delete(Part::Rest, Table::Catalog, TaughtCourse::key_of(owner, id), None)
                .delete(
                    Part::Rest,
                    Table::Catalog,
                    SlugGuard::key_of(&before.slug),
                    Some(Condition::equals("course_id", id)),
                );
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
        Ok(Edit { store: self.0, owner, course, attempt: 0 })
    }
}

fn own(course: Option<Course>, owner: Id<kinds::User>) -> Result<Course, EditError> {
    let own = |course: &Course| course.instructor_id == owner && course.deleted_at.is_none();
    course.filter(own).ok_or(EditError::NoCourse)
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
    /// [`EditError::NoCourse`] when it was deleted meanwhile, [`EditError::Contended`] after [`TRIES`].
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
        self.attempt += 1;
        if self.attempt == TRIES {
            return Err(EditError::Contended);
        }
        let ceiling = (4u64 << self.attempt.min(8)).min(WAIT_MAX_MS);
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..=ceiling))).await;
        Ok(false)
    }
}
