//! Which mails were sent, and to which addresses none is sent any more.

use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, Update, from_item};

/// How long it is remembered that a mail was sent: longer than a message may lie in the queue and its dead letters (14 days each).
const MEMORY_SECONDS: i64 = 30 * 24 * 3600;

/// The mail that an event makes. A message that is delivered twice finds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailClaim {
    /// The identifier of the message's envelope.
    pub event_id: Id<kinds::Event>,
    /// Until when the attempt under way may still be running.
    pub lease_until: Timestamp,
    /// How often it was taken.
    #[serde(default)]
    pub tries: u32,
    /// When SES took it, or it was found that nothing is to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// SES's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

impl MailClaim {
    fn key_of(event_id: Id<kinds::Event>) -> Key {
        Key::new(format!("MAIL#{event_id}"), "MAIL")
    }
}

impl Entity for MailClaim {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "mail_claim";

    fn key(&self) -> Key {
        Self::key_of(self.event_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.lease_until.as_second() + MEMORY_SECONDS)
    }
}

/// Whether a mail is this attempt's to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Yes, for the first time.
    Mine,
    /// Yes: an attempt before has not sent it.
    Again,
    /// It was sent before.
    Sent,
    /// Another attempt may be sending it now.
    Busy,
}

/// Why an address gets no mails any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppressed {
    /// There is no such mailbox.
    Bounce,
    /// Its reader said that our mail is spam.
    Complaint,
}

/// An address that gets no mails any more, known by its hash only: the item outlives the account and need not be personal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailState {
    /// SHA-256 of the address in its normal form, in hexadecimal.
    pub address_hash: String,
    /// Why.
    pub reason: Suppressed,
    /// Since when.
    pub created_at: Timestamp,
}

impl MailState {
    /// About an address in its normal form.
    pub fn of(normal: &str, reason: Suppressed, now: Timestamp) -> Self {
        Self { address_hash: Self::hash_of(normal), reason, created_at: now }
    }

    fn hash_of(normal: &str) -> String {
        Sha256::digest(normal.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn key_of(hash: &str) -> Key {
        Key::new(format!("MAILSTATE#{hash}"), "MAILSTATE")
    }
}

impl Entity for MailState {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "mail_state";

    fn key(&self) -> Key {
        Self::key_of(&self.address_hash)
    }
}

/// The mails.
pub struct Mails<'a>(&'a Store);

impl Store {
    /// The mails.
    pub fn mails(&self) -> Mails<'_> {
        Mails(self)
    }
}

impl Mails<'_> {
    /// Takes the mail of an event for `lease`, unless it was sent or another attempt holds it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(
        &self,
        event_id: Id<kinds::Event>,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Claim, StoreError> {
        let until = now + lease;
        let free = Condition::HasNot("sent_at").and(Condition::compare("lease_until", "<=", now));
        let update = Update::upsert::<MailClaim>(MailClaim::key_of(event_id))
            .set("event_id", event_id)
            .set("lease_until", until)
            .set("expires_at", until.as_second() + MEMORY_SECONDS)
            .add("tries", 1)
            .when(Condition::NotExists.or(free));
        match self.0.update(update).await {
            Ok(item) => {
                let held: MailClaim = from_item(item)?;
                Ok(if held.tries > 1 { Claim::Again } else { Claim::Mine })
            }
            Err(StoreError::ConditionFailed(Some(item))) => {
                let held: MailClaim = from_item(*item)?;
                Ok(if held.sent_at.is_some() { Claim::Sent } else { Claim::Busy })
            }
            Err(error) => Err(error),
        }
    }

    /// Remembers that SES took the mail, or, where there is no id of it, that none is to be sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent(
        &self,
        event_id: Id<kinds::Event>,
        message_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::of::<MailClaim>(MailClaim::key_of(event_id))
            .set("sent_at", now)
            .set_some("message_id", message_id)
            .when(Condition::Exists);
        self.0.update(update).await.map(|_| ())
    }

    /// Ends an attempt that did not send, so that the next one need not wait for the lease.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn release(&self, event_id: Id<kinds::Event>, now: Timestamp) -> Result<(), StoreError> {
        let update = Update::of::<MailClaim>(MailClaim::key_of(event_id)).set("lease_until", now);
        self.0.update(update.when(Condition::Exists)).await.map(|_| ())
    }

    /// Sends no mails to an address any more. The first reason stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppress(&self, state: &MailState) -> Result<(), StoreError> {
        self.0.put_new(state).await.map(|_| ())
    }

    /// Why an address in its normal form gets no mails; `None` when it gets them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppressed(&self, normal: &str) -> Result<Option<Suppressed>, StoreError> {
        let key = MailState::key_of(&MailState::hash_of(normal));
        let state: Option<MailState> = self.0.get(key, Consistency::Strong).await?;
        Ok(state.map(|state| state.reason))
    }

    /// Sends mails to an address again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsuppress(&self, normal: &str) -> Result<(), StoreError> {
        self.0.delete(Table::Identity, MailState::key_of(&MailState::hash_of(normal))).await
    }
}
