//! What a list asks for.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{
    columns::Dimension,
    document::{Kind, Level},
};

/// Which documents are meant. Values of one field are alternatives; fields narrow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Kind.
    pub kind: Kind,
    /// Any of these category ids; empty means all, as below.
    pub categories: Vec<String>,
    /// Any of these levels.
    pub levels: Vec<Level>,
    /// Any of these language codes.
    pub languages: Vec<String>,
    /// Any of these price bands ([`crate::columns::PRICE_BANDS`]).
    pub price_bands: Vec<String>,
    /// At least this price, in minor units.
    pub price_min: Option<u32>,
    /// At most this price, in minor units.
    pub price_max: Option<u32>,
    /// Free, or not free.
    pub free: Option<bool>,
    /// At least this rating, in hundredths.
    pub rating_min: Option<u16>,
    /// At least this long, in seconds.
    pub duration_min: Option<u32>,
    /// At most this long, in seconds.
    pub duration_max: Option<u32>,
    /// Published at or after this Unix second.
    pub published_from: Option<i64>,
    /// Published at or before this Unix second.
    pub published_to: Option<i64>,
    /// Any of these instructor ids.
    pub instructors: Vec<String>,
    /// Any of these tags.
    pub tags: Vec<String>,
    /// Any of these ids.
    pub ids: Vec<String>,
}

impl Filter {
    /// All documents of a kind.
    pub fn kind(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Whether it asks for nothing but the kind.
    pub fn is_plain(&self) -> bool {
        *self == Self::kind(self.kind)
    }

    /// The values asked for in `dimension`.
    pub(crate) fn named(&self, dimension: Dimension) -> Vec<&str> {
        match dimension {
            Dimension::Category => self.categories.iter().map(String::as_str).collect(),
            Dimension::Level => self.levels.iter().map(|level| level.name()).collect(),
            Dimension::Language => self.languages.iter().map(String::as_str).collect(),
            Dimension::Price => self.price_bands.iter().map(String::as_str).collect(),
            Dimension::Kind | Dimension::Rating => Vec::new(),
        }
    }

    /// Whether `dimension` is narrowed, by a value or by a range.
    pub(crate) fn narrows(&self, dimension: Dimension) -> bool {
        !self.named(dimension).is_empty()
            || match dimension {
                Dimension::Price => self.price_range().is_some(),
                Dimension::Rating => self.rating_min.is_some(),
                _ => false,
            }
    }

    pub(crate) fn price_range(&self) -> Option<RangeInclusive<u32>> {
        let range = range(self.price_min, self.price_max);
        match self.free {
            None => range,
            Some(free) => {
                let given = range.unwrap_or(0..=u32::MAX);
                let (low, high) = if free { (0, 0) } else { (1, u32::MAX) };
                Some(low.max(*given.start())..=high.min(*given.end()))
            }
        }
    }

    pub(crate) fn duration_range(&self) -> Option<RangeInclusive<u32>> {
        range(self.duration_min, self.duration_max)
    }

    pub(crate) fn published_range(&self) -> Option<RangeInclusive<u32>> {
        range(self.published_from.map(crate::schema::seconds), self.published_to.map(crate::schema::seconds))
    }

    pub(crate) fn rating_range(&self) -> Option<RangeInclusive<u32>> {
        self.rating_min.map(|least| u32::from(least.min(511)) << 23..=u32::MAX)
    }
}

fn range(low: Option<u32>, high: Option<u32>) -> Option<RangeInclusive<u32>> {
    (low.is_some() || high.is_some()).then(|| low.unwrap_or(0)..=high.unwrap_or(u32::MAX))
}

/// In which order a list comes (seed 001 §4.3). Equal ones come by popularity, then in a fixed order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ordering {
    /// The best match first; without a text, the most popular.
    #[default]
    Relevance,
    /// The most popular first.
    Popular,
    /// The newest first.
    Newest,
    /// The best rated first, then by count of ratings.
    Rating,
    /// The cheapest first.
    PriceLow,
    /// The dearest first.
    PriceHigh,
}

impl Ordering {
    /// Every ordering.
    pub const ALL: [Self; 6] =
        [Self::Relevance, Self::Popular, Self::Newest, Self::Rating, Self::PriceLow, Self::PriceHigh];
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Documents before it.
    pub offset: usize,
    /// Documents of it.
    pub limit: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { offset: 0, limit: 20 }
    }
}

/// A question for the index.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What the visitor typed, as it is; empty for a plain list.
    pub text: String,
    /// Which documents.
    pub filter: Filter,
    /// In which order.
    pub ordering: Ordering,
    /// Which part.
    pub page: Page,
    /// Whether to count by [`Dimension::FACETS`].
    pub facets: bool,
}
