//! A deleted account between its deletion and its erasure: what undoes it, and the point from which nothing does.

use domain::identity::{UserStatus, deletion};
use kernel::{Ambient, Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{security_event::SecurityEvent, session::Session, standing::ending_sessions, user::User};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Query, Store, StoreError, Table, TransactionError, Update,
    from_item,
};

/// A deletion that can be undone, or an erasure under way. It exists as long as the user has the status `deleted` and
/// anything of him is left to be erased.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deletion {
    /// Who deleted his account.
    pub user_id: Id<kinds::User>,
    /// Identifies the last mail, so that it is sent once however often the erasure is begun.
    pub event_id: Id<kinds::Event>,
    /// When.
    pub deleted_at: Timestamp,
    /// From when the account is erased and no longer restored, in epoch seconds: conditions compare it as a number.
    pub due_at: i64,
    /// When the erasure began. From then on there is no way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasing_at: Option<Timestamp>,
}

/// The partition of index 1 that lists the deletions, those first that are due first.
const DELETED: &str = "DELETED";

impl Deletion {
    /// The key of a user's deletion.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(User::key_of(user).pk, "DELETION")
    }

    /// The sort key of index 1. Fixed width, so that text order is time order.
    fn due_key(due_at: i64, last: &str) -> String {
        format!("{due_at:020}#{last}")
    }
}

impl Entity for Deletion {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "deletion";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, DELETED, Self::due_key(self.due_at, &self.user_id.to_string()))]
    }
}

/// What became of the wish to have an account back.
#[derive(Debug)]
pub enum Restoration {
    /// It works again, as before its deletion.
    Done(Box<User>),
    /// It is not deleted.
    NotDeleted,
    /// Its time is over: it is erased, or will be.
    TooLate,
}

/// The deletions.
pub struct Deletions<'a>(&'a Store);

impl Store {
    /// The deletions.
    pub fn deletions(&self) -> Deletions<'_> {
        Deletions(self)
    }
}

impl Deletions<'_> {
    /// Deletes an account softly: status, reminder of the erasure, the event for its owner, and the session in which he does it,
    /// in one transaction. `None` when role or status changed since the user was read, or it is deleted already. The other
    /// sessions end with it and stay ended when the account is restored; that lists show it is the caller's work
    /// ([`super::session::Sessions::revoke_all`]).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(
        &self,
        user: &User,
        session: Id<kinds::Session>,
        event: &SecurityEvent,
        ambient: &Ambient,
    ) -> Result<Option<Deletion>, StoreError> {
        let now = ambient.now();
        let deletion = Deletion {
            user_id: user.id,
            event_id: ambient.id(),
            deleted_at: now,
            due_at: deletion::erased_from(now).as_second(),
            erasing_at: None,
        };
        let deleted = ending_sessions(User::without_request(Update::of::<User>(user.key())), None, now)
            .set("status", UserStatus::Deleted)
            .set("status_before_deletion", user.status)
            .set("deleted_at", now)
            .set("updated_at", now)
            .set("gsi2pk", User::admin_partition(user.role, UserStatus::Deleted))
            .when(Condition::equals("status", user.status))
            .when(Condition::equals("role", user.role))
            .when(Condition::HasNot("deleted_at"));
        let ended = Update::of::<Session>(Session::key_of(session))
            .set("revoked_at", now)
            .when(Condition::equals("user_id", user.id));
        let transaction = self
            .0
            .transaction()
            .update("user", deleted)
            .put_new("deletion", &deletion)
            .update("session", ended)
            .put_new_from("event", event);
        match transaction.commit().await {
            Ok(()) => Ok(Some(deletion)),
            Err(TransactionError::Failed { .. }) => Ok(None),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Undoes a deletion whose erasure is not due: the status from before comes back, in one transaction with the event.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn restore(
        &self,
        user: &User,
        event: &SecurityEvent,
        now: Timestamp,
    ) -> Result<Restoration, StoreError> {
        let status = user.status_before_deletion.unwrap_or(UserStatus::Active);
        let restored = Update::of::<User>(user.key())
            .set("status", status)
            .remove("status_before_deletion")
            .remove("deleted_at")
            .set("updated_at", now)
            .set("gsi2pk", User::admin_partition(user.role, status))
            .when(Condition::equals("status", UserStatus::Deleted))
            .when(Condition::equals("role", user.role));
        let undoable =
            Condition::HasNot("erasing_at").and(Condition::compare("due_at", ">", now.as_second()));
        let transaction = self
            .0
            .transaction()
            .update("user", restored)
            .delete("deletion", Table::Identity, Deletion::key_of(user.id), Some(undoable))
            .put_new_from("event", event);
        match transaction.commit().await {
            Ok(()) => {
                let whole = User {
                    status,
                    status_before_deletion: None,
                    deleted_at: None,
                    updated_at: now,
                    ..user.clone()
                };
                Ok(Restoration::Done(Box::new(whole)))
            }
            Err(TransactionError::Failed { label: "user", .. }) => Ok(Restoration::NotDeleted),
            Err(TransactionError::Failed { .. }) => Ok(Restoration::TooLate),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// The deletion of a user: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(&self, user: Id<kinds::User>) -> Result<Option<Deletion>, StoreError> {
        self.0.get(Deletion::key_of(user), Consistency::Strong).await
    }

    /// Up to `limit` users whose erasure is due, those first who wait longest: one query of index 1.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Id<kinds::User>>, StoreError> {
        let query = Query::index(1, DELETED).up_to(Deletion::due_key(now.as_second(), "~")).limit(limit);
        let page = self.0.query::<Deletion>(query).await?;
        Ok(page.items.into_iter().map(|deletion| deletion.user_id).collect())
    }

    /// The point of no return: marks the deletion as an erasure under way, when it is due and the user is deleted still.
    /// An erasure that began before stays as it is. `None` when there is nothing to erase. One transaction and a read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_erasure(
        &self,
        user: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Option<(Deletion, User)>, StoreError> {
        let erasing = Update::of::<Deletion>(Deletion::key_of(user))
            .set_if_absent("erasing_at", now)
            .when(Condition::Exists)
            .when(Condition::compare("due_at", "<=", now.as_second()));
        let transaction = self.0.transaction().update("deletion", erasing).check(
            "user",
            Table::Identity,
            User::key_of(user),
            Condition::equals("status", UserStatus::Deleted),
        );
        match transaction.commit().await {
            Ok(()) => {}
            Err(TransactionError::Failed { .. }) => return Ok(None),
            Err(TransactionError::Store(error)) => return Err(error),
        }
        let keys = vec![Deletion::key_of(user), User::key_of(user)];
        let (mut deletion, mut person) = (None, None);
        for item in self.0.get_items(Table::Identity, keys).await? {
            match crate::item_type(&item) {
                Deletion::TYPE => deletion = Some(from_item(item)?),
                _ => person = Some(from_item(item)?),
            }
        }
        Ok(deletion.zip(person))
    }

    /// Ends an erasure: the user goes, or what stands for him from now on takes his place, together with the deletion. A second end
    /// changes nothing. One transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_erasure(
        &self,
        user: Id<kinds::User>,
        pseudonym: Option<&User>,
    ) -> Result<(), StoreError> {
        let (key, erasing) = (Deletion::key_of(user), Condition::Has("erasing_at"));
        let transaction = self.0.transaction().delete("deletion", Table::Identity, key, Some(erasing));
        let deleted = Some(Condition::equals("status", UserStatus::Deleted));
        let transaction = match pseudonym {
            Some(pseudonym) => transaction.put_when("user", pseudonym, deleted),
            None => transaction.delete("user", Table::Identity, User::key_of(user), deleted),
        };
        match transaction.commit().await {
            Ok(()) | Err(TransactionError::Failed { .. }) => Ok(()),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
