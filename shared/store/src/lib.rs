//! Storage: the only crate that knows DynamoDB.
//!
//! [`entities`] has one file for each thing that is stored; it owns the thing's keys and its named access patterns, which
//! docs/data-model.md lists with their cost. What must change together is one transaction ([`Transaction`]), described
//! where it is made. No function reads with `Scan`, and who may read an item is part of its key or of the write's condition.

mod audit;
mod batch;
pub mod entities;
mod error;
mod item;
mod query;
mod table;
mod transaction;
mod update;
mod window;

use std::sync::Arc;

use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure,
};

pub use batch::{Batch, Found};
pub use error::StoreError;
pub use item::{Entity, IndexKey, Item, Key, SortKey, from_item, to_item};
pub use query::{Position, Query, QueryPage};
pub use table::{Table, Tables};
pub use transaction::{Transaction, TransactionError};
pub use update::{Condition, Update};

/// The tables of one function. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    tables: Arc<Tables>,
}

/// Whether a read sees every write that was answered before it (one read unit per 4 KB instead of a half).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// Sees every earlier write.
    Strong,
    /// May be some milliseconds behind.
    Eventual,
}

impl Store {
    /// A store on the tables whose names are given.
    pub fn new(client: aws_sdk_dynamodb::Client, tables: Tables) -> Self {
        Self { client, tables: Arc::new(tables) }
    }

    pub(crate) fn client(&self) -> &aws_sdk_dynamodb::Client {
        &self.client
    }

    pub(crate) fn table(&self, table: Table) -> Result<&str, StoreError> {
        self.tables.name(table)
    }

    /// Opens the connection to DynamoDB, so that the first request does not pay for the TLS handshake. Reads a key that
    /// does not exist; a failure is left for the first request to report.
    pub async fn warm(&self) {
        if let Some((_, name)) = self.tables.any() {
            // Every function may read keys that begin so, whichever its tables are.
            let key = Key::new("SESSION#warm", "SESSION");
            let _ = self.client.get_item().table_name(name).set_key(Some(key.into_item())).send().await;
        }
    }

    /// Whether the tables answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        let key = Key::new("SESSION#warm", "SESSION");
        for name in self.tables.names() {
            self.client.get_item().table_name(name).set_key(Some(key.clone().into_item())).send().await?;
        }
        Ok(())
    }

    /// One item by its key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get<E: Entity>(&self, key: Key, consistency: Consistency) -> Result<Option<E>, StoreError> {
        let call = self.client.get_item().table_name(self.table(E::TABLE)?).set_key(Some(key.into_item()));
        let answer = call.consistent_read(consistency == Consistency::Strong).send().await?;
        answer.item.map(from_item).transpose()
    }

    /// Several items of one table by their keys (at most 100), in no particular order, those that exist. Strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when DynamoDB did not process every key in three rounds.
    pub(crate) async fn get_items(&self, table: Table, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        let name = self.table(table)?.to_owned();
        let mut found = Vec::with_capacity(keys.len());
        let mut rest: Vec<_> = keys.into_iter().map(Key::into_item).collect();
        for _ in 0..3 {
            if rest.is_empty() {
                return Ok(found);
            }
            let request =
                KeysAndAttributes::builder().set_keys(Some(std::mem::take(&mut rest))).consistent_read(true);
            let request = request.build().map_err(|error| StoreError::Unexpected(error.to_string()))?;
            let mut answer = self.client.batch_get_item().request_items(&name, request).send().await?;
            found.extend(answer.responses.as_mut().and_then(|all| all.remove(&name)).unwrap_or_default());
            rest = answer
                .unprocessed_keys
                .and_then(|mut all| all.remove(&name))
                .map(|left| left.keys)
                .unwrap_or_default();
        }
        if rest.is_empty() { Ok(found) } else { Err(StoreError::Throttled) }
    }

    /// Several entities of one kind by their keys (at most 100), in no particular order, those that exist.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn get_all<E: Entity>(&self, keys: Vec<Key>) -> Result<Vec<E>, StoreError> {
        self.get_items(E::TABLE, keys).await?.into_iter().map(from_item).collect()
    }

    /// Writes an entity whether or not it exists. Only for items that one writer owns or whose content is always the same.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put<E: Entity>(&self, entity: &E) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(self.table(E::TABLE)?)
            .set_item(Some(to_item(entity)?))
            .send()
            .await?;
        Ok(())
    }

    /// Writes an entity whose key must be free; where it is taken, gives what is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_new<E: Entity>(&self, entity: &E) -> Result<Option<E>, StoreError> {
        let call = self
            .client
            .put_item()
            .table_name(self.table(E::TABLE)?)
            .set_item(Some(to_item(entity)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await.map_err(StoreError::from) {
            Ok(_) => Ok(None),
            Err(StoreError::ConditionFailed(Some(item))) => from_item(*item).map(Some),
            Err(error) => Err(error),
        }
    }

    /// Changes one item and gives it as it is afterwards.
    ///
    /// # Errors
    /// [`StoreError::ConditionFailed`] with the item as it was, when the update's condition does not hold.
    pub async fn update(&self, update: Update) -> Result<Item, StoreError> {
        let parts = update.into_parts();
        let answer = self
            .client
            .update_item()
            .table_name(self.table(parts.table)?)
            .set_key(Some(parts.key.into_item()))
            .set_update_expression(parts.expression)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(answer.attributes.unwrap_or_default())
    }

    /// Changes one item and gives the entity as it is afterwards; `None` when the condition does not hold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_if<E: Entity>(&self, update: Update) -> Result<Option<E>, StoreError> {
        match self.update(update).await {
            Ok(item) => from_item(item).map(Some),
            Err(StoreError::ConditionFailed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes one item; one that is gone already counts as done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete(&self, table: Table, key: Key) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(self.table(table)?)
            .set_key(Some(key.into_item()))
            .send()
            .await?;
        Ok(())
    }

    /// Deletes the entity at `key` when the condition holds for it and gives it as it was: of any number of racers one gets it.
    /// `None` when there is none for which it holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn take_if<E: Entity>(
        &self,
        key: Key,
        condition: Condition,
    ) -> Result<Option<E>, StoreError> {
        // `Update` renders conditions; this one changes nothing.
        let parts = Update::of::<E>(key).when(condition).into_parts();
        let call = self
            .client
            .delete_item()
            .table_name(self.table(parts.table)?)
            .set_key(Some(parts.key.into_item()))
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::AllOld);
        match call.send().await.map_err(StoreError::from) {
            Ok(answer) => answer.attributes.map(from_item).transpose(),
            Err(StoreError::ConditionFailed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One page of a query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn query<E: Entity>(&self, query: Query) -> Result<QueryPage<E>, StoreError> {
        let page = self.query_items(E::TABLE, query).await?;
        let items = page.items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(QueryPage { items, next: page.next })
    }

    /// One page of a query over items of several kinds, which the caller tells apart by [`item_type`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn query_items(&self, table: Table, query: Query) -> Result<QueryPage<Item>, StoreError> {
        let parts = query.into_parts();
        let answer = self
            .client
            .query()
            .table_name(self.table(table)?)
            .set_index_name(parts.index)
            .key_condition_expression(parts.condition)
            .set_expression_attribute_values(Some(parts.values))
            .set_projection_expression(parts.projection)
            .set_expression_attribute_names(parts.names)
            .scan_index_forward(parts.forward)
            .consistent_read(parts.consistent)
            .limit(parts.limit)
            .set_exclusive_start_key(parts.start)
            .send()
            .await?;
        let next = answer.last_evaluated_key.map(Position::from_item);
        Ok(QueryPage { items: answer.items.unwrap_or_default(), next })
    }

    /// Every item of a query whose size is bounded by a rule of the domain (a course's lessons, a video's parts).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn query_all(&self, table: Table, mut query: Query) -> Result<Vec<Item>, StoreError> {
        let mut all = Vec::new();
        loop {
            let page = self.query_items(table, query.clone()).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => query = query.after(Some(next)),
                None => return Ok(all),
            }
        }
    }

    /// A transaction to be filled and committed.
    pub fn transaction<L: Clone + std::fmt::Debug>(&self) -> Transaction<'_, L> {
        Transaction::new(self)
    }
}

/// The `type` attribute of an item: [`Entity::TYPE`] of what it holds.
pub fn item_type(item: &Item) -> &str {
    match item.get("type") {
        Some(AttributeValue::S(name)) => name,
        _ => "",
    }
}
