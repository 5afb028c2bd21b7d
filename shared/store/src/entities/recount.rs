//! How far the janitor is with comparing counts of learning with what they count.
//!
//! There is one round at a time. It is stored after each page of a class, so whoever dies in between leaves it to the next run, which looks at that
//! page once more.

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Consistency, Entity, Key, Position, Store, StoreError, Table};

/// A round through the classes of all published courses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// When it began.
    pub begun_at: Timestamp,
    /// When all had been looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The course whose class is being looked at; none between two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_id: Option<Id<kinds::Course>>,
    /// Where its class goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Position>,
    /// Where the list of courses goes on after it; none at its beginning, and after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courses: Option<Position>,
    /// Enrolments that were looked at.
    #[serde(default)]
    pub looked_at: u64,
    /// Counts that were mended.
    #[serde(default)]
    pub mended: u64,
    /// Courses that were completed by it.
    #[serde(default)]
    pub completed: u64,
    /// Certificates that were asked for.
    #[serde(default)]
    pub certified: u64,
    /// Grows by one with every change, from one round to the next too; conditions compare it.
    pub revision: u64,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Recount {
    /// A round that begins now, after another one or as the first.
    pub fn begin(before: Option<&Self>, now: Timestamp) -> Self {
        Self {
            begun_at: now,
            ended_at: None,
            course_id: None,
            class: None,
            courses: None,
            looked_at: 0,
            mended: 0,
            completed: 0,
            certified: 0,
            revision: before.map_or(0, |before| before.revision),
            updated_at: now,
        }
    }

    fn place() -> Key {
        Key::new("RECOUNT", "ROUND")
    }
}

impl Entity for Recount {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "recount";

    fn key(&self) -> Key {
        Self::place()
    }
}

/// The rounds.
pub struct Recounts<'a>(&'a Store);

impl Store {
    /// The rounds in which counts are compared with what they count.
    pub fn recounts(&self) -> Recounts<'_> {
        Recounts(self)
    }
}

impl Recounts<'_> {
    /// The round that goes on, or ended last: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last(&self) -> Result<Option<Recount>, StoreError> {
        self.0.get(Recount::place(), Consistency::Strong).await
    }

    /// Stores how far a round is, when the one before had this revision; `false` where another run was faster. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(&self, round: &Recount, before: Option<u64>) -> Result<bool, StoreError> {
        self.0.put_revision(round, before).await
    }
}
