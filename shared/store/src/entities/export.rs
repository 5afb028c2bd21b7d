//! The last copy of all data that a person asked for.

use domain::identity::deletion::{EXPORT_INTERVAL, EXPORT_KEPT};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{security_event::SecurityEvent, user::User};
use crate::{
    Condition, Consistency, Entity, Key, Store, StoreError, Table, TransactionError, Update, from_item,
};

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportStatus {
    /// Asked for; the job will write it.
    Pending,
    /// The archive can be fetched.
    Ready,
}

/// An export. A user has at most one: the next takes its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// Identifier.
    pub id: Id<kinds::Export>,
    /// Whose data.
    pub user_id: Id<kinds::User>,
    /// State.
    pub status: ExportStatus,
    /// From when the next may be asked for, in epoch seconds: conditions compare it as a number.
    pub next_at: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the archive was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
    /// Bytes of the archive.
    #[serde(default)]
    pub size_bytes: u64,
}

impl Export {
    /// An export that is asked for now.
    pub fn new(id: Id<kinds::Export>, user_id: Id<kinds::User>, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            status: ExportStatus::Pending,
            next_at: (now + EXPORT_INTERVAL).as_second(),
            created_at: now,
            ready_at: None,
            size_bytes: 0,
        }
    }

    /// The key of a user's export.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(User::key_of(user).pk, "EXPORT")
    }

    /// Where the exports bucket holds all archives of a user.
    pub fn prefix(user: Id<kinds::User>) -> String {
        format!("exports/{user}/")
    }

    /// Where the exports bucket holds the archive.
    pub fn object_key(&self) -> String {
        format!("{}{}.zip", Self::prefix(self.user_id), self.id)
    }

    /// Until when the archive can be fetched; `None` before it is written.
    pub fn kept_until(&self) -> Option<Timestamp> {
        self.ready_at.map(|at| at + EXPORT_KEPT)
    }
}

impl Entity for Export {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "export";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some((self.created_at + EXPORT_INTERVAL + EXPORT_KEPT).as_second())
    }
}

/// What became of the wish for an export.
#[derive(Debug)]
pub enum Requested {
    /// It is begun.
    Begun,
    /// An earlier one is not written yet.
    Pending(Export),
    /// The last one is too young for another.
    TooSoon(Export),
}

/// The exports.
pub struct Exports<'a>(&'a Store);

impl Store {
    /// The exports.
    pub fn exports(&self) -> Exports<'_> {
        Exports(self)
    }
}

impl Exports<'_> {
    /// Begins an export when the user has none that is younger than a day, in one transaction with the event that tells him.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn request(&self, export: &Export, event: &SecurityEvent) -> Result<Requested, StoreError> {
        let free =
            Condition::NotExists.or(Condition::compare("next_at", "<=", export.created_at.as_second()));
        let transaction =
            self.0.transaction().put_when("export", export, Some(free)).put_new_from("event", event);
        match transaction.commit().await {
            Ok(()) => Ok(Requested::Begun),
            Err(TransactionError::Failed { label: "export", item: Some(item) }) => {
                let earlier: Export = from_item(*item)?;
                Ok(match earlier.status {
                    ExportStatus::Pending => Requested::Pending(earlier),
                    ExportStatus::Ready => Requested::TooSoon(earlier),
                })
            }
            Err(error) => Err(error.into_store()),
        }
    }

    /// The last export of a user: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(&self, user: Id<kinds::User>) -> Result<Option<Export>, StoreError> {
        self.0.get(Export::key_of(user), Consistency::Strong).await
    }

    /// The archive is written: it can be fetched. `None` when it was said before or another export took its place. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ready(
        &self,
        export: &Export,
        size_bytes: u64,
        now: Timestamp,
    ) -> Result<Option<Export>, StoreError> {
        let update = Update::of::<Export>(export.key())
            .set("status", ExportStatus::Ready)
            .set("ready_at", now)
            .set("size_bytes", size_bytes)
            .set("expires_at", (now + EXPORT_KEPT).as_second())
            .when(Condition::equals("id", export.id))
            .when(Condition::equals("status", ExportStatus::Pending));
        self.0.update_if(update).await
    }
}
