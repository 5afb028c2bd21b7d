//! Which segments become one: many small segments make every answer slower, and rewriting large ones costs time.

use std::collections::BTreeMap;

use tantivy::index::{SegmentId, SegmentMeta};

/// Segments of one size class that are merged.
const AT_ONCE: usize = 4;
/// Live documents of the smallest class; each class is this many times larger than the one before.
const SMALLEST: u32 = 500;
const FACTOR: u32 = 8;
/// Live documents of a merged segment, at most.
pub(super) const LARGEST: u32 = 300_000;
/// Live documents beyond which a segment is not merged any more: two of them would be too large.
const FINISHED: u32 = LARGEST / 2;
/// A segment with more deleted documents than this share, one in so many, is written anew.
const DELETED_SHARE: u32 = 3;

fn class(documents: u32) -> u32 {
    let mut class = 0;
    let mut limit = SMALLEST;
    while documents > limit && class < 8 {
        limit = limit.saturating_mul(FACTOR);
        class += 1;
    }
    class
}

/// Groups of segments to merge.
pub(super) fn groups(segments: &[SegmentMeta]) -> Vec<Vec<SegmentId>> {
    let sizes: Vec<(SegmentId, u32)> = segments.iter().map(|one| (one.id(), one.num_docs())).collect();
    let mut groups = full_classes(&sizes);
    let worn = |segment: &&SegmentMeta| segment.num_deleted_docs() > segment.max_doc() / DELETED_SHARE;
    for segment in segments.iter().filter(worn) {
        if !groups.iter().flatten().any(|id| *id == segment.id()) {
            groups.push(vec![segment.id()]);
        }
    }
    groups
}

/// Segments, with their live documents, that are too many of one class. The smaller classes join the largest one that is
/// full, so that one merge is enough.
fn full_classes<S: Copy>(segments: &[(S, u32)]) -> Vec<Vec<S>> {
    let mut classes: BTreeMap<u32, Vec<(S, u32)>> = BTreeMap::new();
    for segment in segments.iter().filter(|(_, documents)| *documents <= FINISHED) {
        classes.entry(class(segment.1)).or_default().push(*segment);
    }
    let full = classes.iter().rev().find(|(_, members)| members.len() >= AT_ONCE).map(|(class, _)| *class);
    let Some(full) = full else { return Vec::new() };
    let (mut groups, mut group, mut sum) = (Vec::new(), Vec::new(), 0_u32);
    for (segment, documents) in classes.range(..=full).flat_map(|(_, members)| members) {
        if sum.saturating_add(*documents) > LARGEST {
            groups.push(std::mem::take(&mut group));
            sum = 0;
        }
        sum = sum.saturating_add(*documents);
        group.push(*segment);
    }
    groups.push(group);
    // One alone would be written as it is.
    groups.retain(|group| group.len() > 1);
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(sizes: &[u32]) -> Vec<Vec<u32>> {
        let segments: Vec<_> = sizes.iter().map(|size| (*size, *size)).collect();
        full_classes(&segments)
    }

    #[test]
    fn four_of_a_class_become_one_and_take_the_smaller_with_them() {
        assert_eq!(merged(&[10, 20, 30]), Vec::<Vec<u32>>::new());
        assert_eq!(merged(&[10, 20, 30, 40]), [[10, 20, 30, 40]]);
        assert_eq!(merged(&[900, 1_000, 7, 1_100, 1_200]), [[7, 900, 1_000, 1_100, 1_200]]);
    }

    #[test]
    fn what_a_rebuild_of_a_million_made_is_left_alone() {
        assert_eq!(merged(&[205_000, 204_000, 203_000, 202_000, 186_000, 10]), Vec::<Vec<u32>>::new());
    }

    proptest! {
        #[test]
        fn nothing_grows_too_large_and_nothing_is_written_for_nothing(
            sizes in prop::collection::vec(prop_oneof![1..2_000_u32, 1..400_000_u32], 0..40),
        ) {
            for group in merged(&sizes) {
                prop_assert!(group.len() > 1);
                prop_assert!(group.iter().sum::<u32>() <= LARGEST);
            }
        }

        #[test]
        fn segments_stay_few(batches in prop::collection::vec(1..3_000_u32, 1..400)) {
            let mut sizes: Vec<u32> = Vec::new();
            for (batch, at) in batches.iter().zip(0..) {
                sizes.push(*batch);
                let segments: Vec<_> = sizes.iter().enumerate().map(|(at, size)| (at, *size)).collect();
                let groups = full_classes(&segments);
                let new: Vec<u32> = groups.iter().map(|group| group.iter().map(|at| sizes[*at]).sum()).collect();
                sizes = segments
                    .iter()
                    .filter(|(at, _)| !groups.iter().flatten().any(|taken| taken == at))
                    .map(|(_, size)| *size)
                    .chain(new)
                    .collect();
                // Three of each of five classes, and those that are finished.
                let total: u32 = sizes.iter().sum();
                prop_assert!(sizes.len() <= 3 * 5 + (total / FINISHED) as usize + 1, "{at}: {sizes:?}");
            }
        }
    }
}
