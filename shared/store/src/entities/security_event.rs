//! What happened to the security of an account. Written in the transaction of the change; the table's stream carries it to the
//! mails, so that a change without its notice can't be.

use std::collections::BTreeMap;

use domain::identity::SecurityEventKind;
use kernel::{Ambient, Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::network_address::{FromAddress, WholeAddress};
use crate::{Consistency, Entity, Key, Query, QueryPage, Store, StoreError, Table, TransactionError};

/// How long an event is kept, in days.
const KEPT_DAYS: i64 = 400;

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// Identifier; orders the events of a user by time.
    pub id: Id<kinds::Event>,
    /// Whose account.
    pub user_id: Id<kinds::User>,
    /// What happened.
    pub kind: SecurityEventKind,
    /// When.
    pub at: Timestamp,
    /// The network address of who did it: whole where it is new, or was read with [`WholeAddress`]; else its network.
    #[serde(default, with = "super::network_address::network")]
    pub ip_address: String,
    /// The device of who did it, as its User-Agent names it.
    #[serde(default)]
    pub device_info: String,
    /// More, by name: never a secret.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
}

impl SecurityEvent {
    /// An event now, by whoever has this device and address.
    pub fn now(
        ambient: &Ambient,
        user_id: Id<kinds::User>,
        kind: SecurityEventKind,
        ip_address: &str,
        device_info: &str,
    ) -> Self {
        Self {
            id: ambient.id(),
            user_id,
            kind,
            at: ambient.now(),
            ip_address: ip_address.to_owned(),
            device_info: device_info.to_owned(),
            details: BTreeMap::new(),
        }
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// The partition of a user's events.
    pub fn partition(user: Id<kinds::User>) -> String {
        format!("EVENTS#{user}")
    }

    /// The key of an event.
    pub fn key_of(user: Id<kinds::User>, id: Id<kinds::Event>) -> Key {
        Key::new(Self::partition(user), format!("EVENT#{id}"))
    }
}

impl Entity for SecurityEvent {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "security_event";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.as_second() + KEPT_DAYS * 24 * 3600)
    }
}

impl FromAddress for SecurityEvent {
    fn origin(&self) -> (Timestamp, &str) {
        (self.at, &self.ip_address)
    }

    fn origin_mut(&mut self) -> &mut String {
        &mut self.ip_address
    }
}

/// The security events.
pub struct SecurityEvents<'a>(&'a Store);

impl Store {
    /// The security events.
    pub fn security_events(&self) -> SecurityEvents<'_> {
        SecurityEvents(self)
    }
}

impl SecurityEvents<'_> {
    /// One event of a user with its whole address, while that is kept: one read, and one of the address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Event>,
    ) -> Result<Option<SecurityEvent>, StoreError> {
        let key = SecurityEvent::key_of(user, id);
        let Some(mut event) = self.0.get::<SecurityEvent>(key.clone(), Consistency::Strong).await? else {
            return Ok(None);
        };
        let address = self.0.get::<WholeAddress>(WholeAddress::key_of(key), Consistency::Strong).await?;
        if let Some(address) = address {
            event.ip_address = address.ip_address;
        }
        Ok(Some(event))
    }

    /// Keeps an event that accompanies no other change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, event: &SecurityEvent) -> Result<(), StoreError> {
        let transaction = self.0.transaction().put_new_from("event", event);
        transaction.commit().await.map_err(TransactionError::into_store)
    }

    /// A page of the user's events, the newest first; [`Store::with_whole_addresses`] knows the whole addresses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_of(
        &self,
        user: Id<kinds::User>,
        limit: u32,
        after: Option<crate::Position>,
    ) -> Result<QueryPage<SecurityEvent>, StoreError> {
        let query = Query::partition(SecurityEvent::partition(user)).prefix("EVENT#");
        self.0.query(query.backward().limit(limit).after(after)).await
    }
}
