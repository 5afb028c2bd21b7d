//! Items of several tables in one call.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::KeysAndAttributes;

use crate::{Entity, Item, Key, Store, StoreError, Table, from_item, item_type, update::Placeholders};

/// Most keys of one BatchGetItem (DynamoDB developer guide, "BatchGetItem").
const KEYS_MAX: usize = 100;
/// Rounds that are given to keys which DynamoDB leaves unprocessed.
const ROUNDS: usize = 3;

/// Keys to be read together: one call for each hundred of them, whichever their tables. Strongly consistent; not a snapshot.
pub struct Batch<'a> {
    store: &'a Store,
    keys: BTreeSet<(Table, String, String)>,
    projections: BTreeMap<Table, &'static str>,
}

/// What a batch has found.
#[derive(Debug)]
pub struct Found(Vec<Item>);

impl Store {
    /// A batch to be filled and read.
    pub fn batch(&self) -> Batch<'_> {
        Batch { store: self, keys: BTreeSet::new(), projections: BTreeMap::new() }
    }
}

impl Batch<'_> {
    /// Asks for an `E`. A key that is asked for twice is read once.
    #[must_use]
    pub fn with<E: Entity>(mut self, key: Key) -> Self {
        self.keys.insert((E::TABLE, key.pk, key.sk));
        self
    }

    /// Asks for several.
    #[must_use]
    pub fn with_all<E: Entity>(self, keys: impl IntoIterator<Item = Key>) -> Self {
        keys.into_iter().fold(self, Self::with::<E>)
    }

    /// Reads only these attributes (with commas between; `type` comes by itself) of a table's items.
    #[must_use]
    pub(crate) fn only(mut self, table: Table, attributes: &'static str) -> Self {
        self.projections.insert(table, attributes);
        self
    }

    /// Reads them; no call where nothing was asked for.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when DynamoDB did not process every key in three rounds.
    pub async fn read(self) -> Result<Found, StoreError> {
        let keys: Vec<_> = self.keys.iter().collect();
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_MAX) {
            let mut by_table: BTreeMap<Table, Vec<Item>> = BTreeMap::new();
            for (table, pk, sk) in chunk {
                by_table.entry(*table).or_default().push(Key::new(pk, sk).into_item());
            }
            let mut request = HashMap::new();
            for (table, keys) in by_table {
                let mut wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
                if let Some(attributes) = self.projections.get(&table) {
                    let mut placeholders = Placeholders::default();
                    let names = attributes.split(", ").chain(["type"]).map(|name| placeholders.name(name));
                    wanted = wanted.projection_expression(names.collect::<Vec<_>>().join(", "));
                    wanted = wanted.set_expression_attribute_names(placeholders.into_maps().0);
                }
                let wanted = wanted.build().map_err(|error| StoreError::Unexpected(error.to_string()))?;
                request.insert(self.store.table(table)?.to_owned(), wanted);
            }
            self.rounds(request, &mut found).await?;
        }
        Ok(Found(found))
    }

    async fn rounds(
        &self,
        mut request: HashMap<String, KeysAndAttributes>,
        found: &mut Vec<Item>,
    ) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            let answer = self.store.client().batch_get_item().set_request_items(Some(request)).send().await?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            request = answer.unprocessed_keys.unwrap_or_default();
            if request.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Throttled)
    }
}

impl Found {
    /// The entities of one kind among them, in no particular order.
    ///
    /// # Errors
    /// [`StoreError::Malformed`].
    pub fn all<E: Entity>(&self) -> Result<Vec<E>, StoreError> {
        self.0.iter().filter(|item| item_type(item) == E::TYPE).cloned().map(from_item).collect()
    }

    /// The one entity of its kind, where it exists.
    ///
    /// # Errors
    /// [`StoreError::Malformed`].
    pub fn one<E: Entity>(&self) -> Result<Option<E>, StoreError> {
        Ok(self.all()?.pop())
    }
}
