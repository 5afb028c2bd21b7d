//! A course (seeds 000, 001 §3.2), its slug, its place in its instructor's list, and the count of published courses.

mod edit;
mod publish;
mod recent;

use domain::{
    course::{CourseStatus, Level, Price},
    review::Distribution,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use edit::{CourseChanges, EditError};
pub(crate) use edit::{Part, rewrite};
pub use recent::{RecentReview, RecentReviews};

use crate::{Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table};

/// A course. It carries the order of its sections, so that no two can have the same place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Course {
    /// Identifier.
    pub id: Id<kinds::Course>,
    /// Who teaches it.
    pub instructor_id: Id<kinds::User>,
    /// Unique name in addresses; it stays when the title changes, so that links keep working.
    pub slug: String,
    /// Title, up to 255 characters.
    pub title: String,
    /// Description.
    #[serde(default)]
    pub description: String,
    /// Up to 500 characters.
    #[serde(default)]
    pub short_description: String,
    /// Category's name.
    #[serde(default)]
    pub category: String,
    /// Level.
    pub level: Level,
    /// Language code, ISO 639-1.
    pub language: String,
    /// Picture.
    #[serde(default)]
    pub thumbnail: String,
    /// Price in minor units of `currency`; `None` until the instructor sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_minor: Option<u64>,
    /// Price before a discount, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_price_minor: Option<u64>,
    /// Whether subscribers of plans with such courses may take it without buying it.
    #[serde(default)]
    pub in_plans: bool,
    /// Whether students must complete its lessons in their order.
    #[serde(default)]
    pub required_order: bool,
    /// ISO 4217.
    pub currency: String,
    /// What one learns.
    #[serde(default)]
    pub outcomes: Vec<String>,
    /// What one needs.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// What one should know before, up to 2,000 characters.
    #[serde(default)]
    pub prerequisites: String,
    /// Tags in their normal form ([`domain::course::tag`]).
    #[serde(default)]
    pub tags: Vec<String>,
    /// State.
    pub status: CourseStatus,
    /// The sections in their order.
    #[serde(default)]
    pub section_order: Vec<Id<kinds::Section>>,
    /// Lessons in all sections.
    #[serde(default)]
    pub lesson_count: u32,
    /// Sum of the lessons' durations, in seconds.
    #[serde(default)]
    pub duration_seconds: u64,
    /// Enrolments. Changes without the revision: students come while the instructor edits.
    #[serde(default)]
    pub student_count: u64,
    /// Reviews by stars. They change with the reviews, without the revision.
    #[serde(flatten)]
    pub ratings: Distribution,
    /// Where the course's page finds some of its newest reviews. They change with the reviews, without the revision.
    #[serde(flatten)]
    pub recent: RecentReviews,
    /// Grows by one with every change of the course, its sections or lessons; conditions compare it.
    pub revision: u64,
    /// First publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Deletion by its instructor while it had students: they keep it, for him and for all others it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
    /// Deletion without students; no access pattern gives a deleted course.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}

impl Course {
    /// The partition that holds the course, its sections and its lessons.
    pub fn partition(id: Id<kinds::Course>) -> String {
        format!("COURSE#{id}")
    }

    /// The key of a course.
    pub fn key_of(id: Id<kinds::Course>) -> Key {
        Key::new(Self::partition(id), "COURSE")
    }

    /// Whether it is in this teacher's hands. One who deleted a course with students has let go of it.
    pub fn is_taught_by(&self, user: Id<kinds::User>) -> bool {
        self.instructor_id == user && self.deleted_at.is_none() && self.retired_at.is_none()
    }

    /// Its price; `None` until the instructor sets one.
    pub fn price(&self) -> Option<Price> {
        self.price_minor.map(Price::from_minor)
    }

    /// Its price before a discount.
    pub fn original_price(&self) -> Option<Price> {
        self.original_price_minor.map(Price::from_minor)
    }

    /// The place in index 1: among the published courses, or among those that its instructor deleted, where the erasure of his
    /// account finds what is left of it.
    fn place(&self) -> Option<IndexKey> {
        match (self.status, self.published_at, self.deleted_at) {
            (_, _, Some(_)) => {
                Some(IndexKey::new(1, format!("{DELETED_BY}#{}", self.instructor_id), self.id.to_string()))
            }
            // Three decimals always: without them a whole second would sort after its own fractions.
            (CourseStatus::Published, Some(at), None) => {
                Some(IndexKey::new(1, PUBLISHED, format!("{at:.3}#{}", self.id)))
            }
            _ => None,
        }
    }
}

/// No slug is longer (seed 001 §3.2); DynamoDB refuses keys beyond 2,048 bytes as malformed requests.
const SLUG_BYTES: usize = 255;
/// The partition of index 1 that lists the published courses.
const PUBLISHED: &str = "PUBLISHED";
/// What the partitions of index 1 begin with that list the courses that an instructor deleted.
pub(crate) const DELETED_BY: &str = "DELETED";

impl Entity for Course {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "course";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        self.place().into_iter().collect()
    }
}

/// A course's place in its instructor's list. It is an item of its own, not an index of the course: an index is behind by
/// some milliseconds, and who has just made a course expects to see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaughtCourse {
    /// The instructor.
    pub instructor_id: Id<kinds::User>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl TaughtCourse {
    /// The partition of an instructor's list.
    pub(crate) fn partition(instructor: Id<kinds::User>) -> String {
        format!("INSTRUCTOR#{instructor}")
    }

    /// The key of a place. Identifiers begin with their time, so the list sorts by age.
    pub fn key_of(instructor: Id<kinds::User>, course: Id<kinds::Course>) -> Key {
        Key::new(Self::partition(instructor), format!("COURSE#{course}"))
    }
}

impl Entity for TaughtCourse {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "taught_course";

    fn key(&self) -> Key {
        Self::key_of(self.instructor_id, self.course_id)
    }
}

/// Keeps a slug for one course and finds the course by it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SlugGuard {
    /// The slug.
    pub slug: String,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// When it was taken.
    pub created_at: Timestamp,
}

impl SlugGuard {
    /// The key of a guard.
    pub fn key_of(slug: &str) -> Key {
        Key::new(format!("SLUG#{slug}"), "SLUG")
    }
}

impl Entity for SlugGuard {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "slug_guard";

    fn key(&self) -> Key {
        Self::key_of(&self.slug)
    }
}

/// How many courses are published; changes in the transaction that publishes one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CatalogStats {
    /// Published courses.
    #[serde(default)]
    pub published_count: u64,
}

impl CatalogStats {
    /// The key of the one item.
    pub fn key_of() -> Key {
        Key::new("CATALOG", "STATS")
    }
}

impl Entity for CatalogStats {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "catalog_stats";

    fn key(&self) -> Key {
        Self::key_of()
    }
}

/// The courses, their sections and lessons. The second field is the revision that a change demands, where it demands one.
pub struct Courses<'a>(pub(crate) &'a Store, Option<u64>);

impl Store {
    /// The courses, their sections and lessons.
    pub fn courses(&self) -> Courses<'_> {
        Courses(self, None)
    }
}

impl Courses<'_> {
    /// The same, but a change happens only while the course has this revision ([`EditError::Stale`] otherwise).
    #[must_use]
    pub fn at_revision(self, revision: Option<u64>) -> Self {
        Self(self.0, revision)
    }

    /// The course by its id, whoever asks: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Course>) -> Result<Option<Course>, StoreError> {
        let course: Option<Course> = self.0.get(Course::key_of(id), Consistency::Strong).await?;
        Ok(course.filter(|course| course.deleted_at.is_none()))
    }

    /// The id of the course that has this slug: one read, none for what can't be a slug.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn id_of_slug(&self, slug: &str) -> Result<Option<Id<kinds::Course>>, StoreError> {
        if slug.len() > SLUG_BYTES {
            return Ok(None);
        }
        let guard: Option<SlugGuard> = self.0.get(SlugGuard::key_of(slug), Consistency::Strong).await?;
        Ok(guard.map(|guard| guard.course_id))
    }

    /// Published courses, the newest first: one query of index 1, which may be some milliseconds behind. Reads what it skips.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn published(
        &self,
        start: Option<Position>,
        skip: u32,
        limit: u32,
    ) -> Result<QueryPage<Course>, StoreError> {
        self.0.window(Query::index(1, PUBLISHED).backward().after(start), skip, limit).await
    }

    /// The courses that this instructor teaches, drafts included, the newest first: a query of his list and one batch of the
    /// courses. Both are strongly consistent, so a course is there as soon as its creation was answered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn taught_by(
        &self,
        instructor: Id<kinds::User>,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<Course>, StoreError> {
        let list =
            Query::partition(TaughtCourse::partition(instructor)).prefix("COURSE#").backward().after(start);
        let page: QueryPage<TaughtCourse> = self.0.window(list, 0, limit).await?;
        let keys = page.items.iter().map(|place| Course::key_of(place.course_id));
        let mut items: Vec<Course> = self.0.batch().with_all::<Course>(keys).read().await?.all()?;
        // A course may have been deleted between the two reads; one that was deleted with students keeps its place in the list, where the
        // erasure of its instructor's account finds it.
        items.retain(|course| course.deleted_at.is_none() && course.retired_at.is_none());
        items.sort_unstable_by_key(|course| std::cmp::Reverse(course.id));
        Ok(QueryPage { items, next: page.next })
    }
}
