//! The memory of an `Idempotency-Key`: which request it belongs to and what was answered.

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Condition, Entity, Key, Store, StoreError, Table, Update};

/// How long an answer is remembered: 24 hours, as the gateways that the money parts talk to do.
pub const MEMORY_SECONDS: i64 = 24 * 3600;

/// One key of one user for one operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// Who sent the key.
    pub user_id: Id<kinds::User>,
    /// The operation's id in the OpenAPI document.
    pub operation: String,
    /// The key as the client chose it.
    pub idempotency_key: String,
    /// SHA-256 of the request's body, in hexadecimal.
    pub request_hash: String,
    /// An id that every attempt at this request shares, so that an attempt after a crash makes the same thing again.
    pub attempt_id: Id<kinds::Event>,
    /// Until when the attempt under way may still be running.
    pub lease_until: Timestamp,
    /// The status of the answer, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer's JSON, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// First request.
    pub created_at: Timestamp,
}

impl Entity for IdempotencyRecord {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "idempotency";

    fn key(&self) -> Key {
        Key::new(
            format!("IDEMPOTENCY#{}#{}#{}", self.user_id, self.operation, self.idempotency_key),
            "IDEMPOTENCY",
        )
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.created_at.as_second() + MEMORY_SECONDS)
    }
}

/// The idempotency records.
pub struct IdempotencyRecords<'a>(&'a Store);

impl Store {
    /// The idempotency records.
    pub fn idempotency(&self) -> IdempotencyRecords<'_> {
        IdempotencyRecords(self)
    }
}

impl IdempotencyRecords<'_> {
    /// Claims the key for this request; where it is claimed already, gives the record that holds it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(&self, record: &IdempotencyRecord) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.0.put_new(record).await
    }

    /// Takes over a claim whose lease ran out; `false` when another attempt did so first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_over(
        &self,
        record: &IdempotencyRecord,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::of::<IdempotencyRecord>(record.key())
            .set("lease_until", lease_until)
            .when(Condition::equals("lease_until", record.lease_until))
            .when(Condition::HasNot("response"));
        Ok(self.0.update_if::<IdempotencyRecord>(update).await?.is_some())
    }

    /// Remembers the answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish(
        &self,
        record: &IdempotencyRecord,
        status: u16,
        response: &str,
    ) -> Result<(), StoreError> {
        let update =
            Update::of::<IdempotencyRecord>(record.key()).set("status", status).set("response", response);
        self.0.update(update.when(Condition::Exists)).await.map(|_| ())
    }

    /// Ends an attempt that gave no answer worth keeping, so that the next one need not wait for the lease.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self, record: &IdempotencyRecord, now: Timestamp) -> Result<(), StoreError> {
        let update = Update::of::<IdempotencyRecord>(record.key()).set("lease_until", now);
        self.0.update(update.when(Condition::Exists)).await.map(|_| ())
    }
}
