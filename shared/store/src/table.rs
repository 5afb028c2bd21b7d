//! The tables, one for each bounded context (docs/data-model.md).

use std::collections::BTreeMap;

use kernel::{ConfigError, Vars};

use crate::StoreError;

/// A bounded context and its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Users, guards of addresses and names, sessions.
    Identity,
    /// Courses, slugs, sections, lessons.
    Catalog,
    /// Enrolments, video permissions, video progress.
    Learning,
    /// Videos, versions, assets, uploads, transcode plans, playback sessions and events.
    Media,
    /// Channels.
    Social,
    /// Carts, wish lists, orders, promo codes, payments, refunds, the ledger.
    Commerce,
}

impl Table {
    /// Every table that exists so far.
    pub const ALL: [Self; 6] =
        [Self::Identity, Self::Catalog, Self::Learning, Self::Media, Self::Social, Self::Commerce];

    /// The environment variable that names the table.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Identity => "TABLE_IDENTITY",
            Self::Catalog => "TABLE_CATALOG",
            Self::Learning => "TABLE_LEARNING",
            Self::Media => "TABLE_MEDIA",
            Self::Social => "TABLE_SOCIAL",
            Self::Commerce => "TABLE_COMMERCE",
        }
    }
}

/// The names of a function's tables.
#[derive(Clone, Debug, Default)]
pub struct Tables(BTreeMap<Table, String>);

impl Tables {
    /// The names of exactly the tables that the function says it uses.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing.
    pub fn from_env(vars: &Vars, used: &[Table]) -> Result<Self, ConfigError> {
        used.iter()
            .map(|table| Ok((*table, vars.required(table.variable())?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Given names; tests use this.
    pub fn fixed(names: impl IntoIterator<Item = (Table, String)>) -> Self {
        Self(names.into_iter().collect())
    }

    pub(crate) fn name(&self, table: Table) -> Result<&str, StoreError> {
        self.0.get(&table).map(String::as_str).ok_or(StoreError::NoTable(table))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    pub(crate) fn any(&self) -> Option<(&Table, &String)> {
        self.0.first_key_value()
    }
}
