//! Updates and conditions as values. Attribute names and values always go through placeholders, so that no name can be
//! a reserved word and no value can change the expression.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::{Entity, IndexKey, Key, Table};

/// What must hold for a write to happen.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The item exists.
    Exists,
    /// The item does not exist.
    NotExists,
    /// The attribute exists.
    Has(&'static str),
    /// The attribute does not exist.
    HasNot(&'static str),
    /// The attribute compares so (`=`, `<>`, `<`, `<=`, `>`, `>=`) with the value.
    Compare(&'static str, &'static str, AttributeValue),
    /// The attribute is one of the values.
    OneOf(&'static str, Vec<AttributeValue>),
    /// The set or text contains the value.
    Contains(&'static str, AttributeValue),
    /// The other condition does not hold.
    Not(Box<Condition>),
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The attribute equals the value.
    pub fn equals(name: &'static str, value: impl Serialize) -> Self {
        Self::Compare(name, "=", attribute(value))
    }

    /// The attribute compares so with the value; a missing attribute never does.
    pub fn compare(name: &'static str, operator: &'static str, value: impl Serialize) -> Self {
        Self::Compare(name, operator, attribute(value))
    }

    /// The set or text contains the value.
    pub fn contains(name: &'static str, value: impl Serialize) -> Self {
        Self::Contains(name, attribute(value))
    }

    /// The attribute is one of the values.
    pub fn one_of<V: Serialize>(name: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        Self::OneOf(name, values.into_iter().map(attribute).collect())
    }

    /// This and the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut all) => {
                all.push(other);
                Self::All(all)
            }
            one => Self::All(vec![one, other]),
        }
    }

    /// This or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Any(vec![self, other])
    }

    pub(crate) fn render(self, placeholders: &mut Placeholders) -> String {
        let join = |all: Vec<Self>, word: &str, placeholders: &mut Placeholders| {
            let parts: Vec<_> = all.into_iter().map(|one| one.render(placeholders)).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Self::Exists => "attribute_exists(pk)".into(),
            Self::NotExists => "attribute_not_exists(pk)".into(),
            Self::Has(name) => format!("attribute_exists({})", placeholders.name(name)),
            Self::HasNot(name) => format!("attribute_not_exists({})", placeholders.name(name)),
            Self::Compare(name, operator, value) => {
                format!("{} {operator} {}", placeholders.name(name), placeholders.value(value))
            }
            Self::OneOf(name, values) => {
                let name = placeholders.name(name);
                let values: Vec<_> = values.into_iter().map(|value| placeholders.value(value)).collect();
                format!("{name} IN ({})", values.join(", "))
            }
            Self::Contains(name, value) => {
                format!("contains({}, {})", placeholders.name(name), placeholders.value(value))
            }
            Self::Not(one) => format!("NOT ({})", one.render(placeholders)),
            Self::All(all) => join(all, " AND ", placeholders),
            Self::Any(any) => join(any, " OR ", placeholders),
        }
    }
}

/// The value as a DynamoDB attribute. What serde can't express becomes NULL, which equals no stored value.
pub(crate) fn attribute(value: impl Serialize) -> AttributeValue {
    serde_dynamo::to_attribute_value(value).unwrap_or(AttributeValue::Null(true))
}

/// Attribute names behind their placeholders.
pub(crate) type Names = HashMap<String, String>;
/// Values behind their placeholders.
pub(crate) type Values = HashMap<String, AttributeValue>;

/// Names and values of an expression.
#[derive(Default)]
pub(crate) struct Placeholders {
    names: Names,
    values: Values,
}

impl Placeholders {
    /// A dotted path (`sessions.<id>`) becomes one placeholder for each of its steps.
    pub(crate) fn name(&mut self, path: &str) -> String {
        let mut out = Vec::new();
        for step in path.split('.') {
            let known = self.names.iter().find(|(_, name)| *name == step).map(|(key, _)| key.clone());
            out.push(known.unwrap_or_else(|| {
                let key = format!("#n{}", self.names.len());
                self.names.insert(key.clone(), step.to_owned());
                key
            }));
        }
        out.join(".")
    }

    pub(crate) fn value(&mut self, value: AttributeValue) -> String {
        let key = format!(":v{}", self.values.len());
        self.values.insert(key.clone(), value);
        key
    }

    pub(crate) fn into_maps(self) -> (Option<Names>, Option<Values>) {
        (Some(self.names).filter(|n| !n.is_empty()), Some(self.values).filter(|v| !v.is_empty()))
    }
}

/// A change of one item.
#[derive(Clone, Debug)]
pub struct Update {
    table: Table,
    key: Key,
    sets: Vec<(String, AttributeValue)>,
    set_if_absent: Vec<(String, AttributeValue)>,
    adds: Vec<(String, AttributeValue)>,
    removes: Vec<String>,
    condition: Option<Condition>,
}

pub(crate) struct UpdateParts {
    pub(crate) table: Table,
    pub(crate) key: Key,
    pub(crate) expression: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) names: Option<Names>,
    pub(crate) values: Option<Values>,
}

impl Update {
    /// A change of the `E` at `key`.
    pub fn of<E: Entity>(key: Key) -> Self {
        Self {
            table: E::TABLE,
            key,
            sets: Vec::new(),
            set_if_absent: Vec::new(),
            adds: Vec::new(),
            removes: Vec::new(),
            condition: None,
        }
    }

    /// A change that makes the `E` where it does not exist yet, with its `type` and `v`: counters use it.
    pub fn upsert<E: Entity>(key: Key) -> Self {
        let mut update = Self::of::<E>(key);
        update.sets.push(("type".into(), attribute(E::TYPE)));
        update.sets.push(("v".into(), attribute(E::VERSION)));
        update
    }

    /// Sets an attribute (a dotted path reaches into a map).
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        match attribute(value) {
            AttributeValue::Null(_) => self.removes.push(name.into()),
            value => self.sets.push((name.into(), value)),
        }
        self
    }

    /// Puts the item into this place of an index: for an upsert, which may make it.
    #[must_use]
    pub(crate) fn placed(mut self, place: &IndexKey) -> Self {
        self.sets.push((format!("gsi{}pk", place.index), AttributeValue::S(place.pk.clone())));
        self.sets.push((format!("gsi{}sk", place.index), place.sk.clone().into_value()));
        self
    }

    /// Sets an attribute where it is given; leaves it as it is otherwise.
    #[must_use]
    pub fn set_some(self, name: impl Into<String>, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Sets an attribute only where the item has none.
    #[must_use]
    pub fn set_if_absent(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        self.set_if_absent.push((name.into(), attribute(value)));
        self
    }

    /// Adds to a number that is 0 where it does not exist.
    #[must_use]
    pub fn add(mut self, name: impl Into<String>, by: i64) -> Self {
        self.adds.push((name.into(), AttributeValue::N(by.to_string())));
        self
    }

    /// Puts a number into a set of numbers.
    #[must_use]
    pub fn insert_number(mut self, name: impl Into<String>, number: u32) -> Self {
        self.adds.push((name.into(), AttributeValue::Ns(vec![number.to_string()])));
        self
    }

    /// Puts a text into a set of texts.
    #[must_use]
    pub fn insert_text(mut self, name: impl Into<String>, text: impl ToString) -> Self {
        self.adds.push((name.into(), AttributeValue::Ss(vec![text.to_string()])));
        self
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(mut self, name: impl Into<String>) -> Self {
        self.removes.push(name.into());
        self
    }

    /// The change happens only when this holds, and all that was asked for before.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = Some(match self.condition.take() {
            Some(before) => before.and(condition),
            None => condition,
        });
        self
    }

    pub(crate) fn into_parts(self) -> UpdateParts {
        let mut placeholders = Placeholders::default();
        let mut clauses = Vec::new();
        let mut sets = Vec::new();
        for (name, value) in self.sets {
            sets.push(format!("{} = {}", placeholders.name(&name), placeholders.value(value)));
        }
        for (name, value) in self.set_if_absent {
            let name = placeholders.name(&name);
            sets.push(format!("{name} = if_not_exists({name}, {})", placeholders.value(value)));
        }
        if !sets.is_empty() {
            clauses.push(format!("SET {}", sets.join(", ")));
        }
        let adds: Vec<_> = self
            .adds
            .into_iter()
            .map(|(name, value)| format!("{} {}", placeholders.name(&name), placeholders.value(value)))
            .collect();
        if !adds.is_empty() {
            clauses.push(format!("ADD {}", adds.join(", ")));
        }
        let removes: Vec<_> = self.removes.iter().map(|name| placeholders.name(name)).collect();
        if !removes.is_empty() {
            clauses.push(format!("REMOVE {}", removes.join(", ")));
        }
        let condition = self.condition.map(|condition| condition.render(&mut placeholders));
        let (names, values) = placeholders.into_maps();
        UpdateParts {
            table: self.table,
            key: self.key,
            expression: Some(clauses.join(" ")).filter(|e| !e.is_empty()),
            condition,
            names,
            values,
        }
    }
}
