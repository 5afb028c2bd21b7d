//! Promo codes: the rule, who has used it how often, and one record for each use. `uses` is the number of records at every moment, since
//! both change in one transaction (invariant 5).

use domain::commerce::{Amount, Promo, PromoCode, promo::Uses};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    Transaction, TransactionError, Update,
    entities::{AdminAction, admin_action::Acted},
    transaction::wait_for_turn,
};

/// A promo code's rule, and how often it was used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromoRule {
    /// The rule.
    #[serde(flatten)]
    pub promo: Promo,
    /// Uses, those of unpaid orders among them.
    #[serde(default)]
    pub uses: u32,
    /// Grows by one with every change of the rule; uses leave it as it is.
    pub revision: u64,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change of the rule.
    pub updated_at: Timestamp,
}

/// The partition of index 1 that lists all codes.
const ALL: &str = "PROMOS";

fn partition(code: &PromoCode) -> String {
    format!("PROMO#{code}")
}

impl PromoRule {
    /// The key of a rule.
    pub fn key_of(code: &PromoCode) -> Key {
        Key::new(partition(code), "PROMO")
    }
}

impl Entity for PromoRule {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "promo";

    fn key(&self) -> Key {
        Self::key_of(&self.promo.code)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, ALL, self.promo.code.as_str())]
    }
}

/// How often a user has used a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromoOfUser {
    /// The code.
    pub code: PromoCode,
    /// The user.
    pub user_id: Id<kinds::User>,
    /// Uses, those of unpaid orders among them.
    #[serde(default)]
    pub uses: u32,
}

impl PromoOfUser {
    /// The key of a user's uses.
    pub fn key_of(code: &PromoCode, user: Id<kinds::User>) -> Key {
        Key::new(partition(code), format!("USER#{user}"))
    }
}

impl Entity for PromoOfUser {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "promo_of_user";

    fn key(&self) -> Key {
        Self::key_of(&self.code, self.user_id)
    }
}

/// What became of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromoUseState {
    /// What it is for is not paid yet.
    Reserved,
    /// It is paid.
    Used,
}

/// One use of a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromoUse {
    /// The code.
    pub code: PromoCode,
    /// The number of the order or the subscription.
    pub subject: String,
    /// Who uses it.
    pub user_id: Id<kinds::User>,
    /// What it takes off.
    pub discount: Amount,
    /// State.
    pub state: PromoUseState,
    /// When it was reserved.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl PromoUse {
    /// What the sort keys of uses begin with.
    const PREFIX: &'static str = "USE#";

    /// The key of a use.
    pub fn key_of(code: &PromoCode, subject: &str) -> Key {
        Key::new(partition(code), format!("{}{subject}", Self::PREFIX))
    }

    /// The index partition that lists the uses of a user.
    pub(crate) fn by_user(user: Id<kinds::User>) -> String {
        format!("USER#{user}#PROMOS")
    }
}

impl Entity for PromoUse {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "promo_use";

    fn key(&self) -> Key {
        Self::key_of(&self.code, &self.subject)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, Self::by_user(self.user_id), format!("{}#{}", self.code, self.subject))]
    }
}

/// Rounds of reading and writing until a change that races others gives up.
const ROUNDS: u32 = 20;

/// Labels of the parts of a transaction that are about a code.
pub(super) struct Labels<L> {
    /// The rule: its limit is reached, or it was changed.
    pub(super) rule: L,
    /// The user's limit is reached.
    pub(super) of_user: L,
    /// The record of the use.
    pub(super) record: L,
}

/// Adds one use to a transaction: the rule's count and the user's, each below its limit at that moment, and the record. The rule must be
/// the one that was read, or the discount would be another.
pub(super) fn add_use<'a, L: Clone + std::fmt::Debug>(
    transaction: Transaction<'a, L>,
    labels: Labels<L>,
    rule: &PromoRule,
    record: &PromoUse,
) -> Transaction<'a, L> {
    let Promo { code, max_uses, max_uses_per_user, .. } = &rule.promo;
    let mut counted = Update::of::<PromoRule>(PromoRule::key_of(code))
        .add("uses", 1)
        .when(Condition::equals("revision", rule.revision));
    if let Some(most) = max_uses {
        counted = counted.when(Condition::compare("uses", "<", most));
    }
    let below = Condition::HasNot("uses").or(Condition::compare("uses", "<", max_uses_per_user));
    let of_user = Update::upsert::<PromoOfUser>(PromoOfUser::key_of(code, record.user_id))
        .set("code", code)
        .set("user_id", record.user_id)
        .add("uses", 1)
        .when(below);
    transaction.update(labels.rule, counted).update(labels.of_user, of_user).put_new(labels.record, record)
}

/// Takes a use out again: both counts and the record.
pub(super) fn remove_use<'a, L: Clone + std::fmt::Debug>(
    transaction: Transaction<'a, L>,
    label: L,
    code: &PromoCode,
    user: Id<kinds::User>,
    subject: &str,
) -> Transaction<'a, L> {
    let rule = Update::of::<PromoRule>(PromoRule::key_of(code))
        .add("uses", -1)
        .when(Condition::compare("uses", ">", 0));
    let of_user = Update::of::<PromoOfUser>(PromoOfUser::key_of(code, user))
        .add("uses", -1)
        .when(Condition::compare("uses", ">", 0));
    transaction.update(label.clone(), rule).update(label.clone(), of_user).delete(
        label,
        Table::Commerce,
        PromoUse::key_of(code, subject),
        Some(Condition::Exists),
    )
}

/// What makes a reserved use a use.
pub(super) fn use_reserved(code: &PromoCode, subject: &str, now: Timestamp) -> Update {
    Update::of::<PromoUse>(PromoUse::key_of(code, subject))
        .set("state", PromoUseState::Used)
        .set("updated_at", now)
        .when(Condition::Exists)
}

/// Whether a use was reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It is, now or by an earlier attempt for the same thing.
    Done,
    /// All uses are gone, or the rule was changed: read it again.
    RuleChanged,
    /// The user has used it as often as he may.
    UsedByUser,
}

/// Whether an admin's change of a code happened.
#[derive(Clone, Debug)]
pub enum PromoChange {
    /// It did: the rule as it is now.
    Done(PromoRule),
    /// It was changed or deleted meanwhile.
    Changed,
    /// The caller is no admin any more.
    NotAdmin,
}

/// The promo codes.
pub struct Promos<'a>(&'a Store);

impl Store {
    /// The promo codes.
    pub fn promos(&self) -> Promos<'_> {
        Promos(self)
    }
}

impl Promos<'_> {
    /// A code's rule: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, code: &PromoCode) -> Result<Option<PromoRule>, StoreError> {
        self.0.get(PromoRule::key_of(code), Consistency::Strong).await
    }

    /// A code's rule, and how often it was used by all and by this user: one batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn for_user(
        &self,
        code: &PromoCode,
        user: Id<kinds::User>,
    ) -> Result<Option<(PromoRule, Uses)>, StoreError> {
        let batch = self.0.batch().with::<PromoRule>(PromoRule::key_of(code));
        let found = batch.with::<PromoOfUser>(PromoOfUser::key_of(code, user)).read().await?;
        let by_user = found.one::<PromoOfUser>()?.map_or(0, |of_user| of_user.uses);
        Ok(found.one::<PromoRule>()?.map(|rule| {
            let uses = Uses { total: rule.uses, by_user };
            (rule, uses)
        }))
    }

    /// Makes a code as an admin: one transaction with the log. [`Acted::Changed`] when there is one with this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, rule: &PromoRule, action: &AdminAction) -> Result<Acted, StoreError> {
        Acted::of(self.0.admin_transaction(action, &[]).put_new("rule", rule).commit().await)
    }

    /// Replaces the rule that was read; its uses go on counting. Gives it as it is afterwards. One transaction, with the log where an admin
    /// does it, and two calls more for each use that was faster.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when it is used so often that this finds no gap.
    pub async fn change(
        &self,
        before: &PromoRule,
        promo: &Promo,
        action: Option<&AdminAction>,
        now: Timestamp,
    ) -> Result<PromoChange, StoreError> {
        let mut uses = before.uses;
        for round in 0..ROUNDS {
            let after = PromoRule {
                promo: Promo { code: before.promo.code.clone(), ..promo.clone() },
                uses,
                revision: before.revision + 1,
                updated_at: now,
                ..before.clone()
            };
            let same = Condition::equals("revision", before.revision).and(Condition::equals("uses", uses));
            let transaction = match action {
                Some(action) => self.0.admin_transaction(action, &[]),
                None => self.0.transaction(),
            };
            match transaction.put_when("rule", &after, Some(same)).commit().await {
                Ok(()) => return Ok(PromoChange::Done(after)),
                Err(TransactionError::Failed { label: "admin", .. }) => return Ok(PromoChange::NotAdmin),
                Err(TransactionError::Failed { .. }) => {}
                Err(TransactionError::Store(error)) => return Err(error),
            }
            wait_for_turn(round).await;
            match self.get(&before.promo.code).await? {
                Some(rule) if rule.revision == before.revision => uses = rule.uses,
                _ => return Ok(PromoChange::Changed),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Deletes a code that was never used, as an admin: one transaction with the log. [`Acted::Changed`] when it was used, or there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_unused(&self, code: &PromoCode, action: &AdminAction) -> Result<Acted, StoreError> {
        let unused = Some(Condition::equals("uses", 0));
        let transaction = self.0.admin_transaction(action, &[]);
        Acted::of(transaction.delete("rule", Table::Commerce, PromoRule::key_of(code), unused).commit().await)
    }

    /// A page of all codes by name: one query of index 1, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<PromoRule>, StoreError> {
        self.0.window(Query::index(1, ALL).after(start), 0, limit).await
    }

    /// A page of a code's uses: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn uses(
        &self,
        code: &PromoCode,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<PromoUse>, StoreError> {
        self.0.window(Query::partition(partition(code)).prefix(PromoUse::PREFIX).after(start), 0, limit).await
    }

    /// Reserves a use for something other than an order, which does it in its own transaction. One transaction, and one read where it fails.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reserve(&self, rule: &PromoRule, record: &PromoUse) -> Result<Reserved, StoreError> {
        let labels = Labels { rule: "rule", of_user: "of_user", record: "record" };
        let failed = match add_use(self.0.transaction().hot(), labels, rule, record).commit().await {
            Ok(()) => return Ok(Reserved::Done),
            Err(TransactionError::Failed { label, .. }) => label,
            Err(TransactionError::Store(error)) => return Err(error),
        };
        let earlier: Option<PromoUse> = self.0.get(record.key(), Consistency::Strong).await?;
        Ok(match failed {
            _ if earlier.is_some() => Reserved::Done,
            "of_user" => Reserved::UsedByUser,
            _ => Reserved::RuleChanged,
        })
    }

    /// Makes a reserved use a use: what it was for is paid. Nothing where it was freed. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm(&self, code: &PromoCode, subject: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.update_if::<PromoUse>(use_reserved(code, subject, now)).await.map(|_| ())
    }

    /// Frees a use of what was never paid; nothing where it was freed before. One transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn free(
        &self,
        code: &PromoCode,
        user: Id<kinds::User>,
        subject: &str,
    ) -> Result<(), StoreError> {
        let transaction = remove_use(self.0.transaction().hot(), "use", code, user, subject);
        match transaction.commit().await {
            Ok(()) | Err(TransactionError::Failed { .. }) => Ok(()),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
