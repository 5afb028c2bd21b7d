//! The documents that a filter means, as one bitmap a segment.

use std::{
    collections::HashMap,
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use roaring::RoaringBitmap;
use tantivy::{
    DocSet, TERMINATED, Term,
    schema::{Field, IndexRecordOption},
};

use super::{Segment, Snapshot};
use crate::{
    analysis::normalise,
    columns::{Dimension, Number},
    document::Document,
    error::Error,
    filter::Filter,
};

/// Ranges whose documents are remembered: visitors drag the same sliders. At a million courses 32 ranges take 4 MB.
const REMEMBERED: usize = 32;

/// The number of one document costs as much as so many numbers in line, which are compared [64 at once](crate::columns).
const DOCUMENTS_IN_LINE: u64 = 64;

type Key = (Number, u32, u32);

/// Documents of the ranges that were asked for last.
#[derive(Default)]
pub(super) struct Ranges(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    uses: u64,
    found: HashMap<Key, (u64, Arc<Vec<RoaringBitmap>>)>,
}

impl Ranges {
    fn get(&self, key: Key) -> Option<Arc<Vec<RoaringBitmap>>> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.uses += 1;
        let uses = memory.uses;
        memory.found.get_mut(&key).map(|(used, found)| {
            *used = uses;
            Arc::clone(found)
        })
    }

    fn put(&self, key: Key, documents: &Arc<Vec<RoaringBitmap>>) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.found.len() >= REMEMBERED
            && let Some(oldest) = memory.found.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key)
        {
            memory.found.remove(&oldest);
        }
        let uses = memory.uses;
        memory.found.insert(key, (uses, Arc::clone(documents)));
    }
}

impl Snapshot {
    /// The documents that `filter` means; `without` leaves one dimension open, as a facet over it needs; `among` are the live ones of
    /// this kind that a query has found, where there is one.
    pub(super) fn select(
        &self,
        filter: &Filter,
        without: Option<Dimension>,
        among: Option<&[RoaringBitmap]>,
    ) -> Result<Vec<RoaringBitmap>, Error> {
        let open = |dimension| without == Some(dimension);
        let mut ranges = Vec::new();
        for (number, range, dimension) in [
            (Number::Price, filter.price_range(), Some(Dimension::Price)),
            (Number::Rating, filter.rating_range(), Some(Dimension::Rating)),
            (Number::Duration, filter.duration_range(), None),
            (Number::Published, filter.published_range(), None),
        ] {
            if let Some(range) = range.filter(|_| dimension.is_none_or(|dimension| !open(dimension))) {
                ranges.push((number, range));
            }
        }
        let terms = [
            (self.fields.instructor, filter.instructors.clone()),
            (self.fields.tag, filter.tags.iter().map(|tag| normalise(tag)).collect()),
            (self.fields.key, filter.ids.iter().map(|id| Document::key(filter.kind, id)).collect()),
        ];
        let mut chosen = Vec::with_capacity(self.segments.len());
        for (at, segment) in self.segments.iter().enumerate() {
            let among = among.and_then(|among| among.get(at));
            let mut documents = among.unwrap_or_else(|| segment.live(filter.kind)).clone();
            for dimension in Dimension::FACETS.into_iter().filter(|dimension| !open(*dimension)) {
                let names = filter.named(dimension);
                if !names.is_empty() {
                    let mut any = RoaringBitmap::new();
                    names
                        .iter()
                        .filter_map(|name| segment.columns.with(dimension, name))
                        .for_each(|set| any |= set);
                    documents &= any;
                }
            }
            for (field, values) in terms.iter().filter(|(_, values)| !values.is_empty()) {
                let mut any = RoaringBitmap::new();
                for value in values {
                    any |= segment.having(*field, value)?;
                }
                documents &= any;
            }
            chosen.push(documents);
        }
        for (number, range) in ranges {
            self.cut_to_range(&mut chosen, number, &range);
        }
        Ok(chosen)
    }

    /// Leaves the documents whose number is in the range. Few are looked at one by one, for many the documents of the range are found, and
    /// remembered.
    fn cut_to_range(&self, chosen: &mut [RoaringBitmap], number: Number, range: &RangeInclusive<u32>) {
        let documents: u64 = self.segments.iter().map(|segment| u64::from(segment.columns.documents())).sum();
        if chosen.iter().map(RoaringBitmap::len).sum::<u64>() * DOCUMENTS_IN_LINE < documents {
            for (chosen, segment) in chosen.iter_mut().zip(self.segments.iter()) {
                let numbers = segment.columns.numbers(number);
                let fits = chosen.iter().filter(|document| range.contains(&numbers.get(*document)));
                *chosen = RoaringBitmap::from_sorted_iter(fits).unwrap_or_default();
            }
        } else {
            for (chosen, found) in chosen.iter_mut().zip(self.within(number, range).iter()) {
                *chosen &= found;
            }
        }
    }

    fn within(&self, number: Number, range: &RangeInclusive<u32>) -> Arc<Vec<RoaringBitmap>> {
        let key = (number, *range.start(), *range.end());
        self.ranges.get(key).unwrap_or_else(|| {
            let found = Arc::new(
                self.segments
                    .iter()
                    .map(|segment| segment.columns.numbers(number).within(range))
                    .collect::<Vec<_>>(),
            );
            self.ranges.put(key, &found);
            found
        })
    }
}

impl Segment {
    /// The documents that have a term in a field, deleted ones too.
    fn having(&self, field: Field, value: &str) -> Result<RoaringBitmap, Error> {
        let index = self.reader.inverted_index(field)?;
        let Some(mut postings) =
            index.read_postings(&Term::from_field_text(field, value), IndexRecordOption::Basic)?
        else {
            return Ok(RoaringBitmap::new());
        };
        let mut documents = RoaringBitmap::new();
        while postings.doc() != TERMINATED {
            documents.insert(postings.doc());
            postings.advance();
        }
        Ok(documents)
    }
}
