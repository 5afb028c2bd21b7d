//! Categories of courses, and how many published courses each has (seeds 000, 001 §4.10).

use std::collections::HashMap;

use domain::{
    category::{CATEGORIES_MAX, counted, normal},
    course::CourseStatus,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::course::{Course, Part};
use crate::{
    Condition, Consistency, Entity, Key, Query, Store, StoreError, Table, Transaction, TransactionError,
    Update,
};

/// The partition of all categories, which a rule of the domain bounds.
const PARTITION: &str = "CATEGORIES";

/// A category.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Category {
    /// Identifier.
    pub id: Id<kinds::Category>,
    /// Name; no two have the same normal form.
    pub name: String,
    /// Unique name in addresses; it stays when the name changes, so that links keep working.
    pub slug: String,
    /// What belongs into it.
    #[serde(default)]
    pub description: String,
    /// Name of an icon of Lucide.
    #[serde(default)]
    pub icon: String,
    /// Its place in the list: the smallest first, equal ones by name.
    #[serde(default)]
    pub order_index: u32,
    /// Grows by one with every change; conditions compare it.
    pub revision: u64,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Category {
    /// The key of a category.
    pub fn key_of(id: Id<kinds::Category>) -> Key {
        Key::new(PARTITION, format!("CATEGORY#{id}"))
    }

    fn guard(&self, taken: String) -> CategoryGuard {
        CategoryGuard { taken, category_id: self.id }
    }

    fn name_guard(&self) -> CategoryGuard {
        self.guard(format!("NAME#{}", normal(&self.name)))
    }

    fn slug_guard(&self) -> CategoryGuard {
        self.guard(format!("SLUG#{}", self.slug))
    }
}

impl Entity for Category {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "category";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }
}

/// Keeps a name or a slug for one category.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CategoryGuard {
    /// `NAME#` with a name in its normal form, or `SLUG#` with a slug.
    pub taken: String,
    /// The category.
    pub category_id: Id<kinds::Category>,
}

impl Entity for CategoryGuard {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "category_guard";

    fn key(&self) -> Key {
        Key::new(PARTITION, self.taken.clone())
    }
}

/// How many published courses name a category. It changes in the transactions that change that, whether or not there is such a
/// category: one that is made later finds its count. What instructors write as a category is in no key, only its digest: it may
/// hold anything, also about a person who is erased later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CategoryCount {
    /// SHA-256 of the name in its normal form, in hexadecimal digits.
    pub name_digest: String,
    /// Published courses.
    #[serde(default)]
    pub course_count: i64,
}

impl CategoryCount {
    fn key_of(digest: &str) -> Key {
        Key::new(format!("CATEGORYCOUNT#{digest}"), "COUNT")
    }

    fn digest(normal: &str) -> String {
        Sha256::digest(normal).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Entity for CategoryCount {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "category_count";

    fn key(&self) -> Key {
        Self::key_of(&self.name_digest)
    }
}

/// Adds to the transaction that changes a course what it changes in the counts of the categories.
pub(crate) fn recount<'a>(
    transaction: Transaction<'a, Part>,
    before: &Course,
    after: &Course,
    now: Timestamp,
) -> Transaction<'a, Part> {
    let category = |course: &Course| {
        let listed = course.status == CourseStatus::Published && course.deleted_at.is_none();
        counted(listed, &course.category)
    };
    let (left, entered) = (category(before), category(after));
    if left == entered {
        return transaction;
    }
    let count = |name: String, by| {
        let digest = CategoryCount::digest(&name);
        Update::upsert::<CategoryCount>(CategoryCount::key_of(&digest))
            .set("name_digest", digest)
            .add("course_count", by)
            .set_if_absent("created_at", now)
            .set("updated_at", now)
    };
    let changes = [left.map(|name| count(name, -1)), entered.map(|name| count(name, 1))];
    changes.into_iter().flatten().fold(transaction, |all, change| all.update(Part::Rest, change))
}

/// What became of a new or changed category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Categorized {
    /// It is written.
    Done,
    /// Another category has the name.
    NameTaken,
    /// Another category has the slug.
    SlugTaken,
    /// Published courses name it, so it keeps its name.
    InUse,
    /// It was changed at the same time, or is gone.
    Changed,
}

impl Categorized {
    fn of(outcome: Result<(), TransactionError<Self>>) -> Result<Self, StoreError> {
        match outcome {
            Ok(()) => Ok(Self::Done),
            Err(TransactionError::Failed { label, .. }) => Ok(label),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}

/// The categories.
pub struct Categories<'a>(&'a Store);

impl Store {
    /// The categories.
    pub fn categories(&self) -> Categories<'_> {
        Categories(self)
    }
}

impl Categories<'_> {
    /// All categories in their order: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all(&self) -> Result<Vec<Category>, StoreError> {
        // One more than the most, so that racers who passed it together are seen all the same.
        let limit = u32::try_from(2 * CATEGORIES_MAX).unwrap_or(u32::MAX);
        let query = Query::partition(PARTITION).prefix("CATEGORY#").limit(limit);
        let mut all = self.0.query::<Category>(query).await?.items;
        all.sort_unstable_by(|a, b| (a.order_index, &a.name, a.id).cmp(&(b.order_index, &b.name, b.id)));
        Ok(all)
    }

    /// A category: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Category>) -> Result<Option<Category>, StoreError> {
        self.0.get(Category::key_of(id), Consistency::Strong).await
    }

    /// How many published courses each of these has, exactly: one batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counts(
        &self,
        categories: &[Category],
    ) -> Result<HashMap<Id<kinds::Category>, u64>, StoreError> {
        let digests: Vec<_> =
            categories.iter().map(|one| (one.id, CategoryCount::digest(&normal(&one.name)))).collect();
        let keys = digests.iter().map(|(_, digest)| CategoryCount::key_of(digest));
        let found: Vec<CategoryCount> = self.0.batch().with_all::<CategoryCount>(keys).read().await?.all()?;
        let counts: HashMap<_, _> =
            found.into_iter().map(|count| (count.name_digest, count.course_count)).collect();
        let count =
            |digest: &String| counts.get(digest).map_or(0, |count| u64::try_from(*count).unwrap_or(0));
        Ok(digests.iter().map(|(id, digest)| (*id, count(digest))).collect())
    }

    /// Makes a category with the guards of its name and its slug, in one transaction: of racers with one name one makes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, category: &Category) -> Result<Categorized, StoreError> {
        let transaction = self
            .0
            .transaction()
            .put_new(Categorized::NameTaken, &category.name_guard())
            .put_new(Categorized::SlugTaken, &category.slug_guard())
            .put_new(Categorized::Changed, category);
        Categorized::of(transaction.commit().await)
    }

    /// Brings a category from one state to the next when it is still as it was read. A name with another normal form is taken only
    /// while no published course has the old one: those courses would fall out of the category. One transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(&self, before: &Category, after: &mut Category) -> Result<Categorized, StoreError> {
        after.revision = before.revision + 1;
        let unchanged = Condition::equals("revision", before.revision);
        let mut transaction = self.0.transaction().put_when(Categorized::Changed, &*after, Some(unchanged));
        let (old, new) = (normal(&before.name), normal(&after.name));
        if old != new {
            let unused = Condition::NotExists.or(Condition::compare("course_count", "<=", 0));
            let count = CategoryCount::key_of(&CategoryCount::digest(&old));
            transaction = transaction
                .check(Categorized::InUse, Table::Catalog, count, unused)
                .put_new(Categorized::NameTaken, &after.name_guard())
                .delete(Categorized::Changed, Table::Catalog, before.name_guard().key(), None);
        }
        Categorized::of(transaction.commit().await)
    }

    /// Deletes a category when it is still as it was read; its courses keep the word. One transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, category: &Category) -> Result<Categorized, StoreError> {
        let unchanged = Condition::equals("revision", category.revision);
        let transaction = self
            .0
            .transaction()
            .delete(Categorized::Changed, Table::Catalog, category.key(), Some(unchanged))
            .delete(Categorized::Changed, Table::Catalog, category.name_guard().key(), None)
            .delete(Categorized::Changed, Table::Catalog, category.slug_guard().key(), None);
        Categorized::of(transaction.commit().await)
    }
}
