//! The log of what admins did to accounts, plans, promo codes and money. It is only ever added to; it names people by their ids and nothing else.

use std::collections::BTreeMap;

use domain::admin::AdminActionKind;
use jiff::tz::TimeZone;
use kernel::{Ambient, Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{network_address::FromAddress, security_event::SecurityEvent, user::User};
use crate::{
    Condition, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table, Transaction,
    TransactionError,
};

/// Something that an admin did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdminAction {
    /// Identifier; orders the actions by time.
    pub id: Id<kinds::AdminAction>,
    /// Who did it.
    pub admin_id: Id<kinds::User>,
    /// Whose account it was done to; none where it was to something that is nobody's, such as a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Id<kinds::User>>,
    /// What.
    pub kind: AdminActionKind,
    /// What it was before and after, by name, such as `role_from` and `role_to`.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
    /// Why, in the admin's words.
    #[serde(default)]
    pub reason: String,
    /// The network address of the admin: whole where it is new, or was read with [`super::WholeAddress`]; else its network.
    #[serde(default, with = "super::network_address::network")]
    pub ip_address: String,
    /// When.
    pub at: Timestamp,
}

impl AdminAction {
    /// What an admin at this network address does now.
    pub fn now(
        ambient: &Ambient,
        admin_id: Id<kinds::User>,
        ip_address: &str,
        kind: AdminActionKind,
    ) -> Self {
        Self {
            id: ambient.id(),
            admin_id,
            user_id: None,
            kind,
            details: BTreeMap::new(),
            reason: String::new(),
            ip_address: ip_address.to_owned(),
            at: ambient.now(),
        }
    }

    /// To somebody's account.
    #[must_use]
    pub fn to_account(self, user: Id<kinds::User>) -> Self {
        Self { user_id: Some(user), ..self }
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// For this reason.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: reason.to_owned(), ..self }
    }

    /// The partition of a month (UTC), such as `ADMIN#2026-06`: it bounds the partition without an end to the log.
    pub fn partition(month: &str) -> String {
        format!("ADMIN#{month}")
    }

    /// The month of a moment.
    pub fn month_of(at: Timestamp) -> String {
        let date = at.to_zoned(TimeZone::UTC).date();
        format!("{:04}-{:02}", date.year(), date.month())
    }

    /// The index partition of what was done to an account.
    pub fn about(user: Id<kinds::User>) -> String {
        format!("ADMIN#USER#{user}")
    }
}

impl Entity for AdminAction {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "admin_action";

    fn key(&self) -> Key {
        Key::new(Self::partition(&Self::month_of(self.at)), format!("ACTION#{}", self.id))
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let about = |user| IndexKey::new(1, Self::about(user), format!("ACTION#{}", self.id));
        self.user_id.map(about).into_iter().collect()
    }
}

impl FromAddress for AdminAction {
    fn origin(&self) -> (Timestamp, &str) {
        (self.at, &self.ip_address)
    }

    fn origin_mut(&mut self) -> &mut String {
        &mut self.ip_address
    }
}

/// Whether something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acted {
    /// It was.
    Done,
    /// The account was changed at the same time, or is gone.
    Changed,
    /// The caller is no admin any more.
    NotAdmin,
}

/// The log.
pub struct AdminActions<'a>(&'a Store);

impl Store {
    /// What admins did.
    pub fn admin_actions(&self) -> AdminActions<'_> {
        AdminActions(self)
    }

    /// A transaction of an admin ([`Transaction::by_admin`]), with what the owner of an account is told.
    pub(crate) fn admin_transaction(
        &self,
        action: &AdminAction,
        events: &[SecurityEvent],
    ) -> Transaction<'_> {
        let transaction = self.transaction().by_admin(("admin", "action"), action);
        events.iter().fold(transaction, |transaction, event| transaction.put_new_from("event", event))
    }
}

impl<L: Clone + std::fmt::Debug> Transaction<'_, L> {
    /// It happens only while the admin is one, and with the line in the log: labels of the check and of the line. Two admins who demote
    /// each other at the same moment can't both succeed: each transaction checks what the other one changes.
    #[must_use]
    pub(crate) fn by_admin(self, (admin, line): (L, L), action: &AdminAction) -> Self {
        let is_admin = Condition::equals("role", "admin").and(Condition::equals("status", "active"));
        self.check(admin, Table::Identity, User::key_of(action.admin_id), is_admin).put_new_from(line, action)
    }
}

impl Acted {
    /// What became of an admin's transaction.
    pub(crate) fn of(result: Result<(), TransactionError<&'static str>>) -> Result<Self, StoreError> {
        match result {
            Ok(()) => Ok(Self::Done),
            Err(TransactionError::Failed { label: "admin", .. }) => Ok(Self::NotAdmin),
            Err(TransactionError::Failed { .. }) => Ok(Self::Changed),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}

impl AdminActions<'_> {
    /// Logs an action that changes nothing in the same transaction: a transaction of the check, the log and the events.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(&self, action: &AdminAction, events: &[SecurityEvent]) -> Result<Acted, StoreError> {
        Acted::of(self.0.admin_transaction(action, events).commit().await)
    }

    /// A page of a month's actions, the newest first; [`Store::with_whole_addresses`] knows the whole addresses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_month(
        &self,
        month: &str,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<AdminAction>, StoreError> {
        let query = Query::partition(AdminAction::partition(month)).prefix("ACTION#");
        self.0.query(query.backward().after(start).limit(limit)).await
    }

    /// A page of what was done to an account, as [`Self::of_month`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn about_user(
        &self,
        user: Id<kinds::User>,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<AdminAction>, StoreError> {
        let query = Query::index(1, AdminAction::about(user)).prefix("ACTION#");
        self.0.query(query.backward().after(start).limit(limit)).await
    }
}
