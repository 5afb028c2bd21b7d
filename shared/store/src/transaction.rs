//! Several items that change together or not at all.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
        Update as UpdateOp,
    },
};

use crate::{
    Condition, Entity, Item, Key, Store, StoreError, Table, Update, to_item,
    update::{Names, Placeholders, Values},
};

/// How a transaction that met another one on an item is tried again. Each try waits up to twice as long as the one before.
#[derive(Clone, Copy)]
struct Patience {
    /// How often.
    retries: u32,
    /// Longest wait, in milliseconds.
    wait_max_ms: u64,
}

/// What is enough for items that a few change at the same moment.
const STANDARD: Patience = Patience { retries: 8, wait_max_ms: 2_560 };
/// What is enough for an item that hundreds change in the same second. A transaction holds its items for some 20 ms, so 200 at one
/// moment are done after 4 s; the waits end after 9 s on average and 20 s at most, within the 29 s of an API function (template.yaml).
const HOT: Patience = Patience { retries: 24, wait_max_ms: 1_000 };

/// Longest wait before a change is planned anew after another one was faster, in milliseconds.
const TURN_MAX_MS: u64 = 160;

/// Waits for a random time before a change is planned anew because another one was faster.
pub(crate) async fn wait_for_turn(attempt: u32) {
    let ceiling = (4u64 << attempt.min(8)).min(TURN_MAX_MS);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..=ceiling))).await;
}

/// A transaction did not happen.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError<L> {
    /// The condition of the action with this label does not hold; with its item as it was, where it exists.
    #[error("the condition of {label:?} does not hold")]
    Failed {
        /// The label that the action was given.
        label: L,
        /// The item that did not meet the condition.
        item: Option<Box<Item>>,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<L> TransactionError<L> {
    /// As the error of a single write: for a transaction whose caller need not know which condition did not hold.
    pub fn into_store(self) -> StoreError {
        match self {
            Self::Failed { item, .. } => StoreError::ConditionFailed(item),
            Self::Store(error) => error,
        }
    }
}

/// Whether a transaction happened, or one of its conditions did not hold.
pub(crate) fn happened<L>(outcome: Result<(), TransactionError<L>>) -> Result<bool, StoreError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TransactionError::Failed { .. }) => Ok(false),
        Err(TransactionError::Store(error)) => Err(error),
    }
}

/// Up to 100 actions (DynamoDB developer guide, "TransactWriteItems"), each with a label that says which of them failed.
pub struct Transaction<'a, L = &'static str> {
    store: &'a Store,
    actions: Vec<(L, Result<TransactWriteItem, StoreError>)>,
    patience: Patience,
}

/// Ends the builder of an action: its table, its condition, and that a failed condition tells what it met. The SDK's four builders
/// have these methods alike and no trait in common.
macro_rules! conditional {
    ($builder:expr, $table:expr, $rendered:expr) => {{
        let (condition, names, values) = $rendered;
        $builder
            .table_name($table)
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()
            .map_err(|error| StoreError::Unexpected(error.to_string()))?
    }};
}

impl<'a, L: Clone + std::fmt::Debug> Transaction<'a, L> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, actions: Vec::new(), patience: STANDARD }
    }

    /// One of its items is such that hundreds may change it in the same second: more patience when it meets them.
    #[must_use]
    pub fn hot(self) -> Self {
        Self { patience: HOT, ..self }
    }

    /// Writes an entity whose key must be free.
    #[must_use]
    pub fn put_new<E: Entity>(self, label: L, entity: &E) -> Self {
        self.put_when(label, entity, Some(Condition::NotExists))
    }

    /// Writes an entity whether or not it exists.
    #[must_use]
    pub fn put<E: Entity>(self, label: L, entity: &E) -> Self {
        self.put_when(label, entity, None)
    }

    /// Writes an entity when the condition holds for what is there.
    #[must_use]
    pub fn put_when<E: Entity>(self, label: L, entity: &E, condition: Option<Condition>) -> Self {
        self.with(label, |store| {
            let put = Put::builder().set_item(Some(to_item(entity)?));
            let put = conditional!(put, store.table(E::TABLE)?, rendered(condition));
            Ok(TransactWriteItem::builder().put(put).build())
        })
    }

    /// Changes an item.
    #[must_use]
    pub fn update(self, label: L, update: Update) -> Self {
        self.with(label, |store| {
            let parts = update.into_parts();
            let update = UpdateOp::builder()
                .set_key(Some(parts.key.into_item()))
                .set_update_expression(parts.expression);
            let rendered = (parts.condition, parts.names, parts.values);
            let update = conditional!(update, store.table(parts.table)?, rendered);
            Ok(TransactWriteItem::builder().update(update).build())
        })
    }

    /// Deletes an item, when the condition holds.
    #[must_use]
    pub fn delete(self, label: L, table: Table, key: Key, condition: Option<Condition>) -> Self {
        self.with(label, |store| {
            let delete = Delete::builder().set_key(Some(key.into_item()));
            let delete = conditional!(delete, store.table(table)?, rendered(condition));
            Ok(TransactWriteItem::builder().delete(delete).build())
        })
    }

    /// Demands that a condition holds for an item that the transaction does not change.
    #[must_use]
    pub fn check(self, label: L, table: Table, key: Key, condition: Condition) -> Self {
        self.with(label, |store| {
            let check = ConditionCheck::builder().set_key(Some(key.into_item()));
            let check = conditional!(check, store.table(table)?, rendered(Some(condition)));
            Ok(TransactWriteItem::builder().condition_check(check).build())
        })
    }

    /// An action that can't be built fails the transaction when it is committed.
    fn with(mut self, label: L, build: impl FnOnce(&Store) -> Result<TransactWriteItem, StoreError>) -> Self {
        let action = build(self.store);
        self.actions.push((label, action));
        self
    }

    /// Whether it would do nothing, which DynamoDB refuses.
    pub(crate) const fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Does all of it or nothing. A transaction that met a concurrent one on an item is tried again after a random wait; the
    /// SDK sends one client token with every attempt of a call, so an answer that was lost is not done twice.
    ///
    /// # Errors
    /// [`TransactionError::Failed`] with the first label whose condition does not hold.
    pub async fn commit(self) -> Result<(), TransactionError<L>> {
        let Patience { retries, wait_max_ms } = self.patience;
        let (labels, actions): (Vec<_>, Vec<_>) = self.actions.into_iter().unzip();
        let actions = actions.into_iter().collect::<Result<Vec<_>, _>>()?;
        for attempt in 0..=retries {
            let call = self.store.client().transact_write_items().set_transact_items(Some(actions.clone()));
            let Err(error) = call.send().await else { return Ok(()) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(StoreError::from(error).into());
            };
            let reasons = cancelled.cancellation_reasons();
            let failed = reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed"));
            if let Some(label) = failed.and_then(|index| labels.get(index)) {
                let item = failed.and_then(|index| reasons.get(index)).and_then(|reason| reason.item.clone());
                return Err(TransactionError::Failed { label: label.clone(), item: item.map(Box::new) });
            }
            let temporary = |code: &str| {
                matches!(
                    code,
                    "None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
                )
            };
            if !reasons.iter().all(|reason| reason.code().is_none_or(temporary)) {
                return Err(StoreError::from(error).into());
            }
            if attempt == retries {
                break;
            }
            let ceiling = (10u64 << attempt.min(10)).min(wait_max_ms);
            tokio::time::sleep(Duration::from_millis(rand::random_range(0..=ceiling))).await;
        }
        Err(StoreError::Throttled.into())
    }
}

fn rendered(condition: Option<Condition>) -> (Option<String>, Option<Names>, Option<Values>) {
    let mut placeholders = Placeholders::default();
    let condition = condition.map(|condition| condition.render(&mut placeholders));
    let (names, values) = placeholders.into_maps();
    (condition, names, values)
}
