//! Money that came in another way than it should: a person looks at it. Nothing is granted for it, and nothing of it is lost.

use domain::commerce::{Amount, EntrySet, PaymentMethod, payment::SetAsideReason};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::StoredSet;
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    Update,
    entities::{AdminAction, admin_action::Acted},
    transaction::happened,
};

/// Something about money that a person must look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetAside {
    /// What it is about: the same for the same thing, so that it is set aside once.
    pub subject: String,
    /// Why.
    pub reason: SetAsideReason,
    /// The order that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<Id<kinds::Order>>,
    /// The buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Id<kinds::User>>,
    /// The payment intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_id: Option<String>,
    /// The charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_id: Option<String>,
    /// How the money came, where it did for an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    /// What was captured, where money was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Amount>,
    /// What the order says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Amount>,
    /// When.
    pub set_aside_at: Timestamp,
    /// When an admin asked the gateway to give it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_asked_at: Option<Timestamp>,
    /// When somebody has dealt with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// Who has; nobody where the gateway told of the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<Id<kinds::User>>,
    /// What was done about it, in his words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The partition of index 1 that lists what nobody has dealt with.
const OPEN: &str = "SETASIDE";

impl SetAside {
    /// Something about `subject` that is new.
    pub fn new(subject: String, reason: SetAsideReason, now: Timestamp) -> Self {
        Self {
            subject,
            reason,
            order_id: None,
            user_id: None,
            intent_id: None,
            charge_id: None,
            method: None,
            captured: None,
            expected: None,
            set_aside_at: now,
            return_asked_at: None,
            settled_at: None,
            settled_by: None,
            note: String::new(),
        }
    }

    /// The subject of a payment's money.
    pub fn of_payment(payment: &str) -> String {
        format!("payment:{payment}")
    }

    /// The key of what was set aside about a subject.
    pub fn key_of(subject: &str) -> Key {
        Key::new(format!("SETASIDE#{subject}"), "SETASIDE")
    }
}

impl Entity for SetAside {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "set_aside";

    fn key(&self) -> Key {
        Self::key_of(&self.subject)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let place = || IndexKey::new(1, OPEN, format!("{:.3}#{}", self.set_aside_at, self.subject));
        if self.settled_at.is_none() { vec![place()] } else { Vec::new() }
    }
}

/// What was set aside.
pub struct SetAsides<'a>(&'a Store);

impl Store {
    /// What was set aside.
    pub fn set_asides(&self) -> SetAsides<'_> {
        SetAsides(self)
    }
}

impl SetAsides<'_> {
    /// Sets something aside that comes without money of its own; `false` when it was before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(&self, aside: &SetAside) -> Result<bool, StoreError> {
        Ok(self.0.put_new(aside).await?.is_none())
    }

    /// Sets money aside and books it as the buyer's, in one transaction; `false` when it was before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_money(&self, aside: &SetAside, set: &EntrySet) -> Result<bool, StoreError> {
        let transaction = self.0.transaction().put_new("aside", aside);
        happened(transaction.put_new("set", &StoredSet::from(set.clone())).commit().await)
    }

    /// What was set aside about a subject: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, subject: &str) -> Result<Option<SetAside>, StoreError> {
        self.0.get(SetAside::key_of(subject), Consistency::Strong).await
    }

    /// A page of what nobody has dealt with, the oldest first: one query of index 1, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(&self, start: Option<Position>, limit: u32) -> Result<QueryPage<SetAside>, StoreError> {
        self.0.query(Query::index(1, OPEN).after(start).limit(limit)).await
    }

    /// Takes it off the list since the gateway told of its end; `false` when there is none, or it was before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle(&self, subject: &str, note: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.0.update_if::<SetAside>(settled(subject, None, note, now)).await?.is_some())
    }

    /// Writes down that an admin asks the gateway to give it back, before it is asked: one transaction with the log. [`Acted::Changed`] when
    /// one of them has asked before, or it is off the list.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask_return(&self, subject: &str, action: &AdminAction) -> Result<Acted, StoreError> {
        let asked = Update::of::<SetAside>(SetAside::key_of(subject))
            .set("return_asked_at", action.at)
            .when(Condition::Exists)
            .when(Condition::HasNot("return_asked_at"))
            .when(Condition::HasNot("settled_at"));
        Acted::of(self.0.admin_transaction(action, &[]).update("aside", asked).commit().await)
    }

    /// Takes it off the list as an admin, who has dealt with it: one transaction with the log, and with the ledger's set where he sent money
    /// back. [`Acted::Changed`] when there is none, or it was off before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resolve(
        &self,
        subject: &str,
        (note, moved): (&str, Option<&EntrySet>),
        action: &AdminAction,
    ) -> Result<Acted, StoreError> {
        let update = settled(subject, Some(action.admin_id), note, action.at);
        let mut transaction = self.0.admin_transaction(action, &[]).update("aside", update);
        if let Some(set) = moved {
            transaction = transaction.put_new("set", &StoredSet::from(set.clone()));
        }
        Acted::of(transaction.commit().await)
    }
}

/// What takes it off the list.
fn settled(subject: &str, by: Option<Id<kinds::User>>, note: &str, now: Timestamp) -> Update {
    Update::of::<SetAside>(SetAside::key_of(subject))
        .set("settled_at", now)
        .set_some("settled_by", by)
        .set("note", note)
        .remove("gsi1pk")
        .remove("gsi1sk")
        .when(Condition::Exists)
        .when(Condition::HasNot("settled_at"))
}
