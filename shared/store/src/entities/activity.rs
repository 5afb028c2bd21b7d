//! On which days somebody learnt, and how much ([`domain::activity`]).
//!
//! What counts is added in the transaction that stores the progress it follows from, so it is exact whatever comes twice, late, at once or not at
//! all: a report that changes nothing adds nothing, and one that is not stored has counted nothing. The last day lies in one item with the
//! sums, which is all that most reports write; it is stored as a day of its own by the first report of the next one, on the condition that
//! it is as it was read.

use domain::activity::{Activity, Day, Learnt, Recent, Taken, day_of};
use jiff::civil::Date;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{enrollment::Enrollment, notification::Reader, progress::is_at, user::User};
use crate::{
    Batch, Entity, Found, Key, Query, Store, StoreError, Table, Transaction, from_item, transaction::happened,
};

/// The sums of a learner, and his last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerActivity {
    /// The learner.
    pub user_id: Id<kinds::User>,
    /// What is kept of his days.
    #[serde(flatten)]
    pub activity: Activity,
    /// Grows by one with every change; conditions compare it.
    pub revision: u64,
    /// First learnt.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl LearnerActivity {
    /// The key of a learner's sums.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(Enrollment::partition(user), "ACTIVITY")
    }
}

impl Entity for LearnerActivity {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "learner_activity";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// A day on which somebody learnt, and which is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityDay {
    /// The learner.
    pub user_id: Id<kinds::User>,
    /// What was learnt.
    #[serde(flatten)]
    pub day: Day,
}

impl ActivityDay {
    fn sort_key(day: Date) -> String {
        format!("ACTIVITY#{day}")
    }
}

impl Entity for ActivityDay {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "activity_day";

    fn key(&self) -> Key {
        Key::new(Enrollment::partition(self.user_id), Self::sort_key(self.day.day))
    }
}

/// What decides on which day somebody learns, and what follows from it.
#[derive(Clone, Debug)]
pub struct Learner {
    user_id: Id<kinds::User>,
    zone: String,
    known: Option<LearnerActivity>,
}

/// What a change of progress adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Credit {
    pub(crate) enrollment_id: Id<kinds::Enrollment>,
    pub(crate) lesson_id: Option<Id<kinds::Lesson>>,
    /// Time that was not counted before, in milliseconds.
    pub(crate) learned_ms: u64,
    /// Lessons that are completed by it.
    pub(crate) lessons_completed: u32,
    /// Whether something was learnt that is not new.
    pub(crate) repeats: bool,
}

/// The writes that a credit leads to.
#[derive(Debug)]
pub(crate) struct ActivityPlan {
    activity: LearnerActivity,
    before: Option<u64>,
    closed: Option<ActivityDay>,
}

/// The label under which [`ActivityPlan::write`] fails when the learner learnt something else meanwhile.
pub(crate) const ACTIVITY: &str = "activity";

impl Learner {
    /// The day of a moment in his time zone.
    pub fn day_of(&self, at: Timestamp) -> Date {
        day_of(at, &self.zone)
    }

    /// What is kept of his days; nothing before the first.
    pub fn activity(&self) -> Activity {
        self.known.as_ref().map(|known| known.activity.clone()).unwrap_or_default()
    }

    /// What is to be written for a credit; `None` where all of it is known.
    pub(crate) fn plan(&self, credit: Credit, now: Timestamp) -> Option<ActivityPlan> {
        let before = self.known.as_ref().map(|known| known.revision);
        let mut activity = self.known.clone().unwrap_or_else(|| LearnerActivity {
            user_id: self.user_id,
            activity: Activity::default(),
            revision: 0,
            created_at: now,
            updated_at: now,
        });
        let Credit { enrollment_id, lesson_id, learned_ms, lessons_completed, repeats } = credit;
        let recent = Recent { enrollment_id, lesson_id, at: now };
        let learnt = Learnt { recent, day: self.day_of(now), learned_ms, lessons_completed, repeats };
        let closed = match activity.activity.take_in(&learnt) {
            Taken::Nothing => return None,
            Taken::Activity => None,
            Taken::Closed(day) => Some(ActivityDay { user_id: self.user_id, day }),
        };
        activity.revision += 1;
        activity.updated_at = now;
        Some(ActivityPlan { activity, before, closed })
    }
}

impl ActivityPlan {
    /// Adds the writes to the transaction of the progress that they follow from.
    pub(crate) fn write<'a>(&self, transaction: Transaction<'a>) -> Transaction<'a> {
        let transaction = transaction.put_when(ACTIVITY, &self.activity, Some(is_at(self.before)));
        match &self.closed {
            // A day is over once, and nothing adds to it any more.
            Some(day) => transaction.put("day", day),
            None => transaction,
        }
    }
}

impl Batch<'_> {
    /// Asks for what [`Found::learner`] gives; such a batch reads nothing else of the identity table.
    #[must_use]
    pub fn with_learner(self, user: Id<kinds::User>) -> Self {
        self.with::<Reader>(User::key_of(user))
            .only(Table::Identity, Reader::ATTRIBUTES)
            .with::<LearnerActivity>(LearnerActivity::key_of(user))
    }
}

impl Found {
    /// The learner that [`Batch::with_learner`] asked for.
    ///
    /// # Errors
    /// [`StoreError::Malformed`].
    pub fn learner(&self, user_id: Id<kinds::User>) -> Result<Learner, StoreError> {
        let zone = self.one::<Reader>()?.map(|reader| reader.timezone).unwrap_or_default();
        Ok(Learner { user_id, zone, known: self.one()? })
    }
}

/// The days of learners.
pub struct Activities<'a>(&'a Store);

impl Store {
    /// The days of learners.
    pub fn activities(&self) -> Activities<'_> {
        Activities(self)
    }
}

impl Activities<'_> {
    /// Stores a progress, over the one of revision `before`, in one transaction with what it adds to its learner's day; `false` when another
    /// change was faster. A progress that adds nothing is one put.
    pub(crate) async fn put_with<E: Entity>(
        &self,
        progress: &E,
        before: Option<u64>,
        learner: &Learner,
        (credit, now): (Credit, Timestamp),
    ) -> Result<bool, StoreError> {
        let Some(plan) = learner.plan(credit, now) else {
            return self.0.put_revision(progress, before).await;
        };
        let transaction = self.0.transaction().put_when("progress", progress, Some(is_at(before)));
        happened(plan.write(transaction).commit().await)
    }

    /// A learner with his sums and his last day: one batch over two tables.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn learner(&self, user: Id<kinds::User>) -> Result<Learner, StoreError> {
        self.0.batch().with_learner(user).read().await?.learner(user)
    }

    /// The days from one to another that are over, in their order: one query, at most one item a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn days(&self, user: Id<kinds::User>, from: Date, to: Date) -> Result<Vec<Day>, StoreError> {
        let query = Query::partition(Enrollment::partition(user))
            .between(ActivityDay::sort_key(from), ActivityDay::sort_key(to))
            .limit(1_000);
        let items = self.0.query_all(Table::Learning, query).await?;
        items.into_iter().map(|item| from_item::<ActivityDay>(item).map(|stored| stored.day)).collect()
    }
}
