//! Tables.

use crate::text::{Align, Text};

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub(crate) share: f32,
    pub(crate) align: Align,
    pub(crate) names: bool,
}

impl Column {
    /// A column that takes its share of the table's width.
    pub const fn new(share: f32, align: Align) -> Self {
        Self { share, align, names: false }
    }

    /// Its cells name their rows.
    #[must_use]
    pub const fn names(self) -> Self {
        Self { names: true, ..self }
    }
}

/// A table. Its head is repeated on every page that it goes on to; a row is on one page where it fits on one.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) head: Vec<Text>,
    pub(crate) rows: Vec<Vec<Vec<Text>>>,
    pub(crate) from: f32,
    pub(crate) lined: bool,
    pub(crate) whole: bool,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), ..Self::default() }
    }

    /// With a head: the names of the columns.
    #[must_use]
    pub fn head<T: Into<Text>>(self, names: impl IntoIterator<Item = T>) -> Self {
        let head = names.into_iter().map(|name| name.into().by_the_way()).collect();
        Self { head, ..self }
    }

    /// With lines between the rows.
    #[must_use]
    pub fn lined(self) -> Self {
        Self { lined: true, ..self }
    }

    /// On one page where it fits on one.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// Not from the left margin, but from this part of the page's width to the right margin.
    #[must_use]
    pub fn from(self, from: f32) -> Self {
        Self { from: from.clamp(0.0, 0.9), ..self }
    }

    /// One more row: for each cell its paragraphs.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Vec<Text>>) {
        self.rows.push(cells.into_iter().collect());
    }
}
