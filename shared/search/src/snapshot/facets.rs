//! Counts by value.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::{Segment, Snapshot};
use crate::{columns::Dimension, error::Error, filter::Filter};

/// One value and how many documents have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The value, as a filter names it.
    pub value: String,
    /// How many.
    pub count: u64,
}

/// Counts by dimension, the most frequent value first.
pub type Facets = BTreeMap<Dimension, Vec<Facet>>;

/// One intersection of two bitmap containers (8 KB each) costs about as much as counting this many single documents.
const DOCUMENTS_A_CONTAINER: u64 = 500;

impl Snapshot {
    /// Counts the documents of `chosen`. A dimension that the filter itself narrows is counted without that narrowing, so
    /// that a visitor sees what the other values would give; `narrow` cuts such a wider choice to what else was asked for.
    pub(super) fn facets(
        &self,
        filter: &Filter,
        chosen: &[RoaringBitmap],
        narrow: Option<&[RoaringBitmap]>,
    ) -> Result<Facets, Error> {
        let mut facets = Facets::new();
        for dimension in Dimension::FACETS {
            let wider;
            let counted = if filter.narrows(dimension) {
                wider = self.select(filter, Some(dimension), narrow)?;
                wider.as_slice()
            } else {
                chosen
            };
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            for (segment, set) in self.segments.iter().zip(counted) {
                segment.count(dimension, set, &mut counts);
            }
            let mut found: Vec<Facet> = counts
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(value, count)| Facet { value: value.to_owned(), count })
                .collect();
            found.sort_by_key(|facet| std::cmp::Reverse(facet.count));
            facets.insert(dimension, found);
        }
        Ok(facets)
    }
}

impl Segment {
    fn count<'a>(&'a self, dimension: Dimension, set: &RoaringBitmap, counts: &mut BTreeMap<&'a str, u64>) {
        let values = self.columns.values(dimension);
        let containers = u64::from(self.columns.documents() >> 16) + 1;
        if set.len() < values.len() as u64 * containers * DOCUMENTS_A_CONTAINER {
            let codes = self.columns.codes(dimension);
            let mut found = vec![0_u64; values.len() + 1];
            for doc in set {
                let at = doc as usize * 2;
                let code =
                    codes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes);
                if let Some(slot) = found.get_mut(usize::from(code)) {
                    *slot += 1;
                }
            }
            for (value, count) in values.iter().zip(found.into_iter().skip(1)) {
                *counts.entry(&value.name).or_default() += count;
            }
        } else {
            for value in values {
                *counts.entry(&value.name).or_default() += value.documents.intersection_len(set);
            }
        }
    }
}
