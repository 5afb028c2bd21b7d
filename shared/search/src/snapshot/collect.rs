//! Collecting the matches of a text, with their scores.

use std::sync::Arc;

use roaring::RoaringBitmap;
use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
};

use super::Segment;
use crate::{
    columns::{Dimension, Number},
    document::Kind,
};

/// How much the most popular document gains over one that nobody asks for, of the same text score. Found with the
/// judged queries (docs/search.md).
const POPULARITY_GAIN: f32 = 0.6;
/// log2 of the popularity that gains the whole of it: a million.
const POPULARITY_FULL: f32 = 20.0;

/// What a text found in one segment, in ascending order of documents.
pub(super) type Found = Vec<(f32, DocId)>;

/// How many documents were found.
pub(super) fn size(found: &[Found]) -> u64 {
    found.iter().map(|found| found.len() as u64).sum()
}

/// The best matches of a page. Equal scores come by popularity: documents stand in that order.
pub(super) fn best(found: &[Found], offset: usize, limit: usize) -> Vec<(f32, DocAddress)> {
    let mut all: Vec<(f32, DocAddress)> = found
        .iter()
        .zip(0_u32..)
        .flat_map(|(found, at)| found.iter().map(move |(score, doc)| (*score, DocAddress::new(at, *doc))))
        .collect();
    let by = |a: &(f32, DocAddress), b: &(f32, DocAddress)| {
        b.0.total_cmp(&a.0).then_with(|| (a.1.doc_id, a.1.segment_ord).cmp(&(b.1.doc_id, b.1.segment_ord)))
    };
    let end = offset.saturating_add(limit).min(all.len());
    if offset >= end {
        return Vec::new();
    }
    if end < all.len() {
        all.select_nth_unstable_by(end, by);
        all.truncate(end);
    }
    all.sort_unstable_by(by);
    all.split_off(offset)
}

/// Collects every match with its score.
pub(super) struct Gather {
    pub(super) segments: Arc<Vec<Segment>>,
    pub(super) kind: Kind,
    pub(super) chosen: Option<Arc<Vec<RoaringBitmap>>>,
}

pub(super) struct GatherSegment {
    segments: Arc<Vec<Segment>>,
    at: usize,
    /// Code of the kind in this segment, if no document of it is excluded but the deleted ones, which never get here.
    kind: u16,
    chosen: Option<Arc<Vec<RoaringBitmap>>>,
    found: Found,
}

impl Collector for Gather {
    type Fruit = Vec<Found>;
    type Child = GatherSegment;

    fn for_segment(&self, at: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<GatherSegment> {
        let at = at as usize;
        let kinds = self.segments.get(at).map_or(&[][..], |segment| segment.columns.values(Dimension::Kind));
        let kind = kinds.iter().position(|value| value.name == self.kind.name());
        Ok(GatherSegment {
            segments: Arc::clone(&self.segments),
            at,
            kind: kind.and_then(|kind| u16::try_from(kind + 1).ok()).unwrap_or(u16::MAX),
            chosen: self.chosen.clone(),
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Found>) -> tantivy::Result<Vec<Found>> {
        Ok(fruits)
    }
}

impl SegmentCollector for GatherSegment {
    type Fruit = Found;

    fn collect(&mut self, doc: DocId, score: Score) {
        let Some(segment) = self.segments.get(self.at) else { return };
        let wanted = if let Some(chosen) = &self.chosen {
            chosen.get(self.at).is_some_and(|chosen| chosen.contains(doc))
        } else {
            let at = doc as usize * 2;
            let code = segment.columns.codes(Dimension::Kind).get(at..at + 2).and_then(|b| b.try_into().ok());
            code.map(u16::from_le_bytes) == Some(self.kind)
        };
        if wanted {
            let popularity = segment.columns.numbers(Number::Popularity).get(doc);
            self.found.push((score * gain(popularity), doc));
        }
    }

    fn harvest(self) -> Found {
        self.found
    }
}

/// What popularity multiplies a text score by.
pub(super) fn gain(popularity: u32) -> f32 {
    // The bits of a float are its logarithm, near enough, and many times faster.
    #[expect(clippy::cast_precision_loss, reason = "a logarithm needs no more than the leading digits")]
    let bits = (popularity as f32 + 1.0).to_bits();
    #[expect(clippy::cast_precision_loss, reason = "the exponent and the first digits are exact")]
    let log2 = bits as f32 / 8_388_608.0 - 127.0;
    1.0 + POPULARITY_GAIN * (log2 / POPULARITY_FULL)
}

#[cfg(test)]
mod tests {
    use super::gain;

    #[test]
    fn popularity_gains_by_its_logarithm() {
        assert!((gain(0) - 1.0).abs() < 1e-6);
        assert!((gain(1_048_575) - 1.6).abs() < 1e-3);
        assert!(gain(10) < gain(100) && gain(100) < gain(1_000) && gain(u32::MAX) < 2.0);
    }
}
