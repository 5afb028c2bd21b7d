//! Keys by which programs sign requests (seed 001, §9.4). An item holds no secret: it is derived from the key's id.

use std::collections::{BTreeMap, BTreeSet};

use domain::identity::Scope;
use jiff::{civil::Date, tz::TimeZone};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{security_event::SecurityEvent, user::User};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Store, StoreError, Table, TransactionError, Update,
};

/// How long an expired or revoked key is kept, in seconds: 30 days, for who wonders why it stopped.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// Tries against other changes of the same user's keys.
const ROUNDS: usize = 8;

/// A key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    /// Identifier; sent with each request.
    pub id: Id<kinds::ApiKey>,
    /// Whose key it is. It may never do more than he may.
    pub user_id: Id<kinds::User>,
    /// What it is for, in its owner's words.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Creation.
    pub created_at: Timestamp,
    /// When it stops working.
    pub valid_until: Timestamp,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// The key of a key.
    pub fn key_of(id: Id<kinds::ApiKey>) -> Key {
        Key::new(format!("APIKEY#{id}"), "APIKEY")
    }

    /// Whether it is neither revoked nor expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.valid_until > now
    }
}

impl Entity for ApiKey {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "api_key";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("USER#{}", self.user_id), format!("APIKEY#{}", self.id))]
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.valid_until.as_second() + KEPT_SECONDS)
    }
}

/// Which live keys a user has: what bounds their number and lists them without an index.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKeyRing {
    /// The owner.
    pub user_id: Id<kinds::User>,
    /// When each key stops working.
    pub keys: BTreeMap<Id<kinds::ApiKey>, Timestamp>,
    /// Grows by one with each change; conditions compare it.
    pub revision: u64,
}

impl ApiKeyRing {
    /// The key of a user's ring.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(format!("USER#{user}"), "APIKEYS")
    }

    /// The ring after a change, and the condition that nobody else changed it.
    fn next(&self, keys: BTreeMap<Id<kinds::ApiKey>, Timestamp>) -> (Self, Condition) {
        let condition = match self.revision {
            0 => Condition::NotExists,
            revision => Condition::equals("revision", revision),
        };
        (Self { user_id: self.user_id, keys, revision: self.revision + 1 }, condition)
    }
}

impl Entity for ApiKeyRing {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "api_key_ring";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// When a key was used last. An item of its own: every function writes it, and none but that of the users may change a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKeyUse {
    /// The key.
    pub key_id: Id<kinds::ApiKey>,
    /// The day (UTC).
    pub last_used_on: Date,
}

impl ApiKeyUse {
    /// How long it is kept, in days: as long as a key can live.
    const KEPT_DAYS: i64 = 400;

    /// A use at this moment.
    pub fn at(key_id: Id<kinds::ApiKey>, now: Timestamp) -> Self {
        Self { key_id, last_used_on: now.to_zoned(TimeZone::UTC).date() }
    }

    pub(crate) fn key_of(id: Id<kinds::ApiKey>) -> Key {
        Key::new(format!("APIKEYUSE#{id}"), "USE")
    }
}

impl Entity for ApiKeyUse {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "api_key_use";

    fn key(&self) -> Key {
        Self::key_of(self.key_id)
    }

    fn expires_at(&self) -> Option<i64> {
        let day = self.last_used_on.to_zoned(TimeZone::UTC).ok()?;
        Some(day.timestamp().as_second() + Self::KEPT_DAYS * 24 * 3600)
    }
}

/// A signature that was used: it does not work a second time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Nonce {
    /// The signature, in hexadecimal.
    pub signature: String,
    /// From when on its time alone refuses it.
    pub forgettable_at: Timestamp,
}

impl Entity for Nonce {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "nonce";

    fn key(&self) -> Key {
        Key::new(format!("NONCE#{}", self.signature), "NONCE")
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.forgettable_at.as_second())
    }
}

/// What became of a new key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMade {
    /// It works.
    Made,
    /// The user has as many as he may.
    TooMany,
    /// The account does not work any more.
    NoAccount,
    /// The account's address is not confirmed: a key outlives a reset of the password, by which its owner takes the account over.
    Unproven,
}

/// The API keys.
pub struct ApiKeys<'a>(&'a Store);

impl Store {
    /// The API keys.
    pub fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys(self)
    }
}

impl ApiKeys<'_> {
    /// A key by its id: one read, strongly consistent, so that a revocation holds at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::ApiKey>) -> Result<Option<ApiKey>, StoreError> {
        self.0.get(ApiKey::key_of(id), Consistency::Strong).await
    }

    /// The user's keys that are not revoked, the newest first, each with its last use: a read, and a batch where he has any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(
        &self,
        user: Id<kinds::User>,
    ) -> Result<Vec<(ApiKey, Option<ApiKeyUse>)>, StoreError> {
        let ids: Vec<_> = self.ring(user).await?.keys.into_keys().collect();
        let batch = self.0.batch().with_all::<ApiKey>(ids.iter().copied().map(ApiKey::key_of));
        let found = batch.with_all::<ApiKeyUse>(ids.into_iter().map(ApiKeyUse::key_of)).read().await?;
        let (mut keys, uses) = (found.all::<ApiKey>()?, found.all::<ApiKeyUse>()?);
        keys.sort_by_key(|key| std::cmp::Reverse(key.id));
        let last = |key: &ApiKey| uses.iter().find(|used| used.key_id == key.id).cloned();
        Ok(keys.into_iter().map(|key| (last(&key), key)).map(|(used, key)| (key, used)).collect())
    }

    async fn ring(&self, user: Id<kinds::User>) -> Result<ApiKeyRing, StoreError> {
        let ring = self.0.get(ApiKeyRing::key_of(user), Consistency::Strong).await?;
        Ok(ring.unwrap_or(ApiKeyRing { user_id: user, keys: BTreeMap::new(), revision: 0 }))
    }

    /// Makes a key where the user has fewer than `most` live ones and his account is active, with a confirmed address: one transaction with his ring and
    /// the event, against what a race could do.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(
        &self,
        key: &ApiKey,
        most: usize,
        event: &SecurityEvent,
    ) -> Result<KeyMade, StoreError> {
        let may_have_keys = Condition::equals("status", "active").and(Condition::Has("email_verified_at"));
        for _ in 0..ROUNDS {
            let ring = self.ring(key.user_id).await?;
            let mut keys = ring.keys.clone();
            keys.retain(|_, valid_until| *valid_until > key.created_at);
            if keys.len() >= most {
                return Ok(KeyMade::TooMany);
            }
            keys.insert(key.id, key.valid_until);
            let (ring, unchanged) = ring.next(keys);
            let owner = User::key_of(key.user_id);
            let transaction = self
                .0
                .transaction()
                .put_when("ring", &ring, Some(unchanged))
                .put_new("key", key)
                .put_new_from("event", event)
                .check("owner", Table::Identity, owner, may_have_keys.clone());
            match transaction.commit().await {
                Ok(()) => return Ok(KeyMade::Made),
                Err(TransactionError::Failed { label: "ring", .. }) => {}
                Err(TransactionError::Failed { label: "owner", item }) => {
                    let status = item.as_ref().and_then(|user| user.get("status")?.as_s().ok());
                    let active = status.is_some_and(|status| status == "active");
                    return Ok(if active { KeyMade::Unproven } else { KeyMade::NoAccount });
                }
                Err(error) => return Err(error.into_store()),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Revokes a key of this user; `false` when he has no such key. One transaction with his ring and the event.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::ApiKey>,
        now: Timestamp,
        event: &SecurityEvent,
    ) -> Result<bool, StoreError> {
        for _ in 0..ROUNDS {
            let ring = self.ring(user).await?;
            let mut keys = ring.keys.clone();
            if keys.remove(&id).is_none() {
                return Ok(false);
            }
            let (ring, unchanged) = ring.next(keys);
            let revoke = Update::of::<ApiKey>(ApiKey::key_of(id))
                .set("revoked_at", now)
                .set("expires_at", now.as_second() + KEPT_SECONDS)
                .when(Condition::equals("user_id", user));
            let transaction = self
                .0
                .transaction()
                .put_when("ring", &ring, Some(unchanged))
                .update("key", revoke)
                .put_new_from("event", event);
            match transaction.commit().await {
                Ok(()) => return Ok(true),
                Err(TransactionError::Failed { label: "ring", .. }) => {}
                Err(error) => return Err(error.into_store()),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Notes on which day a key was used last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_use(&self, used: &ApiKeyUse) -> Result<(), StoreError> {
        self.0.put(used).await
    }

    /// Whether a signature comes for the first time; it is remembered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_first_use(&self, nonce: &Nonce) -> Result<bool, StoreError> {
        Ok(self.0.put_new(nonce).await?.is_none())
    }
}
