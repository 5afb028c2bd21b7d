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

/// How often a transaction that met another one is tried again. Each try waits up to twice as long as the one before.
const CONFLICT_RETRIES: u32 = 8;

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

/// Up to 100 actions (DynamoDB developer guide, "TransactWriteItems"), each with a label that says which of them failed.
pub struct Transaction<'a, L = &'static str> {
    store: &'a Store,
    actions: Vec<(L, Result<TransactWriteItem, StoreError>)>,
}

impl<'a, L: Clone + std::fmt::Debug> Transaction<'a, L> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, actions: Vec::new() }
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
    pub fn put_when<E: Entity>(mut self, label: L, entity: &E, condition: Option<Condition>) -> Self {
        let build = || {
            let (condition, names, values) = rendered(condition);
            let put = Put::builder()
                .table_name(self.store.table(E::TABLE)?)
                .set_item(Some(to_item(entity)?))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(OnFailure::AllOld)
                .build()
                .map_err(|error| StoreError::Unexpected(error.to_string()))?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        let action = build();
        self.actions.push((label, action));
        self
    }

    /// Changes an item.
    #[must_use]
    pub fn update(mut self, label: L, update: Update) -> Self {
        let build = || {
            let parts = update.into_parts();
            let update = UpdateOp::builder()
                .table_name(self.store.table(parts.table)?)
                .set_key(Some(parts.key.into_item()))
                .set_update_expression(parts.expression)
                .set_condition_expression(parts.condition)
                .set_expression_attribute_names(parts.names)
                .set_expression_attribute_values(parts.values)
                .return_values_on_condition_check_failure(OnFailure::AllOld)
                .build()
                .map_err(|error| StoreError::Unexpected(error.to_string()))?;
            Ok(TransactWriteItem::builder().update(update).build())
        };
        let action = build();
        self.actions.push((label, action));
        self
    }

    /// Deletes an item, when the condition holds.
    #[must_use]
    pub fn delete(mut self, label: L, table: Table, key: Key, condition: Option<Condition>) -> Self {
        let build = || {
            let (condition, names, values) = rendered(condition);
            let delete = Delete::builder()
                .table_name(self.store.table(table)?)
                .set_key(Some(key.into_item()))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(OnFailure::AllOld)
                .build()
                .map_err(|error| StoreError::Unexpected(error.to_string()))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        };
        let action = build();
        self.actions.push((label, action));
        self
    }

    /// Demands that a condition holds for an item that the transaction does not change.
    #[must_use]
    pub fn check(mut self, label: L, table: Table, key: Key, condition: Condition) -> Self {
        let build = || {
            let (condition, names, values) = rendered(Some(condition));
            let check = ConditionCheck::builder()
                .table_name(self.store.table(table)?)
                .set_key(Some(key.into_item()))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(OnFailure::AllOld)
                .build()
                .map_err(|error| StoreError::Unexpected(error.to_string()))?;
            Ok(TransactWriteItem::builder().condition_check(check).build())
        };
        let action = build();
        self.actions.push((label, action));
        self
    }

    /// Does all of it or nothing. A transaction that met a concurrent one on an item is tried again after a random wait; the
    /// SDK sends one client token with every attempt of a call, so an answer that was lost is not done twice.
    ///
    /// # Errors
    /// [`TransactionError::Failed`] with the first label whose condition does not hold.
    pub async fn commit(self) -> Result<(), TransactionError<L>> {
        let (labels, actions): (Vec<_>, Vec<_>) = self.actions.into_iter().unzip();
        let actions = actions.into_iter().collect::<Result<Vec<_>, _>>()?;
        for attempt in 0..=CONFLICT_RETRIES {
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
            let ceiling = 10u64 << attempt;
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
