//! One generation of the index, open for reading.

mod cards;
mod collect;
mod expand;
mod facets;
mod highlight;
mod order;
mod related;
mod search;
mod select;
mod suggest;

use std::{collections::BTreeMap, sync::Arc};

use roaring::RoaringBitmap;
use tantivy::{Index, ReloadPolicy, Searcher, SegmentReader, directory::FileSlice};

pub use facets::{Facet, Facets};
pub use highlight::{Highlights, Range, html};
pub use suggest::Suggestion;

use crate::{
    columns::{Columns, Dimension},
    document::{Document, Kind},
    error::Error,
    schema::{Fields, schema},
    snapshot::select::Ranges,
};

/// A segment and its columns.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    pub(crate) columns: Columns,
    /// Listed documents that are not deleted, by kind.
    pub(crate) live: [RoaringBitmap; 5],
}

impl Segment {
    fn open(reader: &SegmentReader, columns: Columns) -> Self {
        let mut live: [RoaringBitmap; 5] = Default::default();
        for (slot, kind) in live.iter_mut().zip(Kind::ALL) {
            if let Some(documents) = columns.with(Dimension::Kind, kind.name()) {
                slot.clone_from(documents);
                if let Some(alive) = reader.alive_bitset() {
                    let gone: RoaringBitmap = documents.iter().filter(|doc| alive.is_deleted(*doc)).collect();
                    *slot -= gone;
                }
            }
        }
        Self { reader: reader.clone(), columns, live }
    }

    /// The listed documents of a kind.
    #[expect(clippy::indexing_slicing, reason = "the array has one entry for each kind")]
    pub(crate) fn live(&self, kind: Kind) -> &RoaringBitmap {
        &self.live[kind as usize]
    }
}

/// A generation of the index. It never changes; a newer one is another snapshot.
pub struct Snapshot {
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
    pub(crate) segments: Arc<Vec<Segment>>,
    pub(crate) generation: u64,
    ranges: Ranges,
}

/// One document of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The document as lists show it ([`Document::card`]).
    pub document: Document,
    /// How well it matches; 0 in lists without a text.
    pub score: f32,
    /// Where it matches.
    pub highlights: Highlights,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// How many documents match, exactly.
    pub count: u64,
    /// The page asked for.
    pub hits: Vec<Hit>,
    /// Counts by value, if asked for.
    pub facets: Facets,
    /// Whether there is more here than what has all words as typed: misspelt or unfinished words were read as others, or some left out.
    pub widened: bool,
}

impl Snapshot {
    /// Opens the index in `index`, whose columns `columns` finds by segment.
    ///
    /// # Errors
    /// [`Error::Index`] if the index can't be read, [`Error::Damaged`] if columns are missing or broken.
    pub(crate) fn open(
        index: &Index,
        columns: &BTreeMap<String, FileSlice>,
        generation: u64,
    ) -> Result<Self, Error> {
        let searcher = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .num_warming_threads(1)
            .try_into()?
            .searcher();
        let (_, fields) = schema();
        let segments = searcher
            .segment_readers()
            .iter()
            .map(|reader| {
                let file = columns
                    .get(&reader.segment_id().uuid_string())
                    .ok_or(Error::Damaged { what: "a segment without columns" })?;
                let columns = Columns::open(&file.read_bytes()?)?;
                if columns.documents() != reader.max_doc() {
                    return Err(Error::Damaged { what: "a segment with the columns of another" });
                }
                Ok(Segment::open(reader, columns))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Self { searcher, fields, segments: Arc::new(segments), generation, ranges: Ranges::default() })
    }

    /// Number of the generation; it grows with every change.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// How many documents of a kind are listed.
    pub fn len(&self, kind: Kind) -> u64 {
        self.segments.iter().map(|segment| segment.live(kind).len()).sum()
    }

    /// Whether no document of any kind is listed.
    pub fn is_empty(&self) -> bool {
        Kind::ALL.iter().all(|kind| self.len(*kind) == 0)
    }

    /// How many segments the index has.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }
}
