//! Which plays go into the next object of the archive of old playback events.
//!
//! There is one plan at a time. It is stored before anything is written and goes when all is done, so whoever dies in between leaves it to the
//! next one, with the same plays and the same key: the object is written once, from all of their events, and only then are they
//! deleted.

use domain::sweep::SweepKind;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::sweep::Sweep;
use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, transaction::happened};

/// The plays whose events are being archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivePlan {
    /// Identifier.
    pub id: Id<kinds::Event>,
    /// Where the object is written.
    pub object_key: String,
    /// The plays.
    pub plays: Vec<PlannedPlay>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A play of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPlay {
    /// The session, as its reminder names it.
    pub subject: String,
    /// When the reminder was due.
    pub due_at: Timestamp,
}

impl From<&Sweep> for PlannedPlay {
    fn from(sweep: &Sweep) -> Self {
        Self { subject: sweep.subject.clone(), due_at: sweep.due_at }
    }
}

impl PlannedPlay {
    /// The reminder that named it.
    pub fn reminder(&self) -> Sweep {
        Sweep {
            kind: SweepKind::Archive,
            due_at: self.due_at,
            subject: self.subject.clone(),
            video_id: None,
            version: 0,
            upload_id: None,
            user_id: None,
            attempt: 0,
        }
    }
}

impl ArchivePlan {
    fn place() -> Key {
        Key::new("ARCHIVE", "PLAN")
    }
}

impl Entity for ArchivePlan {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "archive_plan";

    fn key(&self) -> Key {
        Self::place()
    }
}

/// The archive of playback events.
pub struct Archives<'a>(&'a Store);

impl Store {
    /// The archive of playback events.
    pub fn archives(&self) -> Archives<'_> {
        Archives(self)
    }
}

impl Archives<'_> {
    /// The plan that is not done: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(&self) -> Result<Option<ArchivePlan>, StoreError> {
        self.0.get(ArchivePlan::place(), Consistency::Strong).await
    }

    /// Stores a plan, unless there is one that is not done: that one is given then. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self, plan: ArchivePlan) -> Result<ArchivePlan, StoreError> {
        Ok(self.0.put_new(&plan).await?.unwrap_or(plan))
    }

    /// Drops a plan that is done; nothing where another one has begun. One transaction of one delete.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn done(&self, plan: &ArchivePlan) -> Result<(), StoreError> {
        let this = Condition::NotExists.or(Condition::equals("id", plan.id));
        let transaction = self.0.transaction().delete("plan", Table::Media, plan.key(), Some(this));
        happened(transaction.commit().await).map(drop)
    }
}
