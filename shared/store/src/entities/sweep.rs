//! Things that the janitor must look at, ordered by when. The item is written in the transaction that begins the work and
//! deleted when the work ends, so nothing that began is ever forgotten (invariant 10).

use domain::sweep::SweepKind;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Entity, Key, Query, Store, StoreError, Table, from_item};

/// A reminder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// What to look at.
    pub kind: SweepKind,
    /// When.
    pub due_at: Timestamp,
    /// Of which thing: unique within kind and time.
    pub subject: String,
    /// The video, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_id: Option<Id<kinds::Video>>,
    /// The version, where it is about one.
    #[serde(default)]
    pub version: u32,
    /// The upload, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<Id<kinds::Upload>>,
    /// The user, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Id<kinds::User>>,
    /// How often it was looked at before.
    #[serde(default)]
    pub attempt: u32,
}

impl Sweep {
    /// The key of a reminder.
    pub fn key_of(kind: SweepKind, due_at: Timestamp, subject: &str) -> Key {
        // Fixed width, so that text order is time order.
        Key::new(format!("SWEEP#{kind}"), format!("{:020}#{subject}", due_at.as_millisecond()))
    }
}

impl Entity for Sweep {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "sweep";

    fn key(&self) -> Key {
        Self::key_of(self.kind, self.due_at, &self.subject)
    }
}

/// The reminders.
pub struct Sweeps<'a>(pub(crate) &'a Store);

impl Store {
    /// The reminders.
    pub fn sweeps(&self) -> Sweeps<'_> {
        Sweeps(self)
    }
}

impl Sweeps<'_> {
    /// Up to `limit` reminders of a kind that are due, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(&self, kind: SweepKind, now: Timestamp, limit: u32) -> Result<Vec<Sweep>, StoreError> {
        let last = Sweep::key_of(kind, now, "~");
        let page =
            self.0.query_items(Table::Media, Query::partition(last.pk).up_to(last.sk).limit(limit)).await?;
        page.items.into_iter().map(from_item).collect()
    }

    /// Drops a reminder.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn done(&self, sweep: &Sweep) -> Result<(), StoreError> {
        self.0.delete(Table::Media, sweep.key()).await
    }

    /// Replaces a reminder by a later one of the same subject, in one transaction, with the attempts that were made so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn postpone(&self, sweep: &Sweep, due_at: Timestamp, attempt: u32) -> Result<(), StoreError> {
        self.replace(sweep, Sweep { due_at, attempt, ..sweep.clone() }).await
    }

    /// Replaces a reminder by one of another kind about the same subject, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn turn_into(
        &self,
        sweep: &Sweep,
        kind: SweepKind,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.replace(sweep, Sweep { kind, due_at, attempt: 0, ..sweep.clone() }).await
    }

    async fn replace(&self, sweep: &Sweep, later: Sweep) -> Result<(), StoreError> {
        if later.key() == sweep.key() {
            return self.0.put(&later).await;
        }
        let transaction =
            self.0.transaction().put("later", &later).delete("earlier", Table::Media, sweep.key(), None);
        match transaction.commit().await {
            Ok(()) => Ok(()),
            Err(crate::TransactionError::Failed { .. }) => Err(StoreError::ConditionFailed(None)),
            Err(crate::TransactionError::Store(error)) => Err(error),
        }
    }
}
