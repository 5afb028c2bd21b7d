//! Queries: a partition, an optional range of the sort key, and a page.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::{
    Item, SortKey,
    update::{Names, Placeholders},
};

/// Where the next page begins; goes into a signed cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(BTreeMap<String, SortKey>);

impl Position {
    pub(crate) fn from_item(item: Item) -> Self {
        let part = |value| match value {
            AttributeValue::S(text) => Some(SortKey::Text(text)),
            AttributeValue::N(number) => number.parse().ok().map(SortKey::Number),
            _ => None,
        };
        Self(item.into_iter().filter_map(|(name, value)| Some((name, part(value)?))).collect())
    }

    pub(crate) fn into_item(self) -> Item {
        self.0.into_iter().map(|(name, value)| (name, value.into_value())).collect()
    }
}

/// One page of results.
#[derive(Debug)]
pub struct QueryPage<E> {
    /// The items, in the order of the sort key.
    pub items: Vec<E>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
}

/// A query of one partition of a table or an index.
#[derive(Clone, Debug)]
pub struct Query {
    index: Option<u8>,
    pk: String,
    range: Range,
    forward: bool,
    limit: i32,
    start: Option<Position>,
    attributes: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Range {
    All,
    Prefix(String),
    UpTo(String),
    Between(String, String),
}

pub(crate) struct QueryParts {
    pub(crate) index: Option<String>,
    pub(crate) condition: String,
    pub(crate) values: HashMap<String, AttributeValue>,
    pub(crate) forward: bool,
    pub(crate) consistent: bool,
    pub(crate) limit: i32,
    pub(crate) start: Option<Item>,
    pub(crate) projection: Option<String>,
    pub(crate) names: Option<Names>,
}

impl Query {
    /// A partition of the table itself; strongly consistent.
    pub fn partition(pk: impl Into<String>) -> Self {
        Self {
            index: None,
            pk: pk.into(),
            range: Range::All,
            forward: true,
            limit: 100,
            start: None,
            attributes: None,
        }
    }

    /// A partition of index 1, 2, 3 or 4; eventually consistent.
    pub fn index(index: u8, pk: impl Into<String>) -> Self {
        Self { index: Some(index), ..Self::partition(pk) }
    }

    /// Only sort keys that begin so.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { range: Range::Prefix(prefix.into()), ..self }
    }

    /// Only sort keys at or before this one.
    #[must_use]
    pub fn up_to(self, last: impl Into<String>) -> Self {
        Self { range: Range::UpTo(last.into()), ..self }
    }

    /// Only sort keys from the first to the last of these, both of them included.
    #[must_use]
    pub fn between(self, first: impl Into<String>, last: impl Into<String>) -> Self {
        Self { range: Range::Between(first.into(), last.into()), ..self }
    }

    /// Gives only these attributes (with commas between) of each item. It costs as much as reading them whole.
    #[must_use]
    pub(crate) fn only(self, attributes: &'static str) -> Self {
        Self { attributes: Some(attributes), ..self }
    }

    /// From the end of the sort key to its beginning: the newest first, where keys begin with a time.
    #[must_use]
    pub fn backward(self) -> Self {
        Self { forward: false, ..self }
    }

    /// At most this many items in a page.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        Self { limit: i32::try_from(limit).unwrap_or(i32::MAX), ..self }
    }

    /// Begins where the page before ended.
    #[must_use]
    pub fn after(self, start: Option<Position>) -> Self {
        Self { start, ..self }
    }

    pub(crate) fn into_parts(self) -> QueryParts {
        let prefix = self.index.map_or(String::new(), |index| format!("gsi{index}"));
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(self.pk))]);
        let condition = match self.range {
            Range::All => format!("{prefix}pk = :pk"),
            Range::Prefix(text) => {
                values.insert(":sk".into(), AttributeValue::S(text));
                format!("{prefix}pk = :pk AND begins_with({prefix}sk, :sk)")
            }
            Range::UpTo(text) => {
                values.insert(":sk".into(), AttributeValue::S(text));
                format!("{prefix}pk = :pk AND {prefix}sk <= :sk")
            }
            Range::Between(first, last) => {
                values.insert(":first".into(), AttributeValue::S(first));
                values.insert(":last".into(), AttributeValue::S(last));
                format!("{prefix}pk = :pk AND {prefix}sk BETWEEN :first AND :last")
            }
        };
        let mut placeholders = Placeholders::default();
        let projection = self.attributes.map(|attributes| {
            let names = attributes.split(", ").map(|name| placeholders.name(name));
            names.collect::<Vec<_>>().join(", ")
        });
        QueryParts {
            consistent: self.index.is_none(),
            index: self.index.map(|index| format!("gsi{index}")),
            condition,
            values,
            forward: self.forward,
            limit: self.limit,
            start: self.start.map(Position::into_item),
            projection,
            names: placeholders.into_maps().0,
        }
    }
}
