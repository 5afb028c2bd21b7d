//! Entities and the items that hold them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{StoreError, Table};

/// A raw DynamoDB item.
pub type Item = HashMap<String, AttributeValue>;

/// A thing that is stored as one item. It owns its keys: no other code builds them.
pub trait Entity: Serialize + DeserializeOwned {
    /// Its table.
    const TABLE: Table;
    /// The item's `type` attribute.
    const TYPE: &'static str;
    /// The item's schema version `v`; reading an older one must work (serde defaults).
    const VERSION: u16 = 1;

    /// Its primary key.
    fn key(&self) -> Key;

    /// Its places in the sparse indexes.
    fn index_keys(&self) -> Vec<IndexKey> {
        Vec::new()
    }

    /// When DynamoDB may delete it (epoch seconds), for what has a life time.
    fn expires_at(&self) -> Option<i64> {
        None
    }
}

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    /// A key of these two parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    pub(crate) fn into_item(self) -> Item {
        HashMap::from([("pk".into(), AttributeValue::S(self.pk)), ("sk".into(), AttributeValue::S(self.sk))])
    }
}

/// The sort key of an index: a text, or a number where writes add to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortKey {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl SortKey {
    pub(crate) fn into_value(self) -> AttributeValue {
        match self {
            Self::Number(number) => AttributeValue::N(number.to_string()),
            Self::Text(text) => AttributeValue::S(text),
        }
    }
}

impl<T: Into<String>> From<T> for SortKey {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A place in one of the indexes `gsi1` to `gsi4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// 1 to 4.
    pub index: u8,
    /// The index's partition key.
    pub pk: String,
    /// The index's sort key.
    pub sk: SortKey,
}

impl IndexKey {
    /// A place in index `index`.
    pub fn new(index: u8, pk: impl Into<String>, sk: impl Into<SortKey>) -> Self {
        Self { index, pk: pk.into(), sk: sk.into() }
    }
}

/// The item of an entity: its fields, its keys, `type`, `v` and the TTL attribute.
///
/// # Errors
/// [`StoreError::Malformed`] when a field can't be written.
pub fn to_item<E: Entity>(entity: &E) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(entity)
        .map_err(|error| StoreError::Malformed { kind: E::TYPE, reason: error.to_string() })?;
    // Absent is absent: a NULL attribute would count as existing in conditions.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    let Key { pk, sk } = entity.key();
    let mut put = |name: String, value: AttributeValue| item.insert(name, value);
    put("pk".into(), AttributeValue::S(pk));
    put("sk".into(), AttributeValue::S(sk));
    put("type".into(), AttributeValue::S(E::TYPE.into()));
    for place in entity.index_keys() {
        put(format!("gsi{}pk", place.index), AttributeValue::S(place.pk));
        put(format!("gsi{}sk", place.index), place.sk.into_value());
    }
    item.insert("v".into(), AttributeValue::N(E::VERSION.to_string()));
    if let Some(at) = entity.expires_at() {
        item.insert("expires_at".into(), AttributeValue::N(at.to_string()));
    }
    Ok(item)
}

/// The entity that an item holds.
///
/// # Errors
/// [`StoreError::Malformed`] when a field is missing or of another type.
pub fn from_item<E: Entity>(item: Item) -> Result<E, StoreError> {
    serde_dynamo::from_item(item)
        .map_err(|error| StoreError::Malformed { kind: E::TYPE, reason: error.to_string() })
}
