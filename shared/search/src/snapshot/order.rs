//! A page of a set of documents in an order, without sorting the set.

use std::{cmp::Reverse, collections::BinaryHeap};

use roaring::RoaringBitmap;
use tantivy::DocAddress;

use super::{Segment, Snapshot};
use crate::{
    columns::{Number, Numbers, Order},
    filter::{Ordering, Page},
};

/// Documents are put on a heap instead of walked when the stored order has this many for each of them. A walk touches an
/// order once for each wanted document and for each that the filter leaves out; a heap touches each chosen one.
const HEAP_BELOW: u64 = 32;

/// What documents are compared by across segments: the smallest comes first.
type Key = (u64, Reverse<u64>);

impl Ordering {
    const fn stored(self) -> Option<Order> {
        match self {
            Self::Relevance | Self::Popular => None,
            Self::Newest => Some(Order::Newest),
            Self::Rating => Some(Order::Rating),
            Self::PriceLow => Some(Order::PriceLow),
            Self::PriceHigh => Some(Order::PriceHigh),
        }
    }
}

impl Segment {
    fn key(&self, ordering: Ordering, doc: u32) -> Key {
        let number = |number| u64::from(self.columns.numbers(number).get(doc));
        let first = match ordering {
            Ordering::Relevance | Ordering::Popular => 0,
            Ordering::Newest => u64::MAX - number(Number::Published),
            Ordering::Rating => u64::MAX - number(Number::Rating),
            Ordering::PriceLow => number(Number::Price),
            Ordering::PriceHigh => u64::MAX - number(Number::Price),
        };
        (first, Reverse(number(Number::Popularity) << 32 | number(Number::Tie)))
    }

    /// The chosen documents in their order.
    fn walk<'a>(
        &'a self,
        ordering: Ordering,
        chosen: &'a RoaringBitmap,
    ) -> Box<dyn Iterator<Item = u32> + 'a> {
        let Some(order) = ordering.stored() else { return Box::new(chosen.iter()) };
        if chosen.len() * HEAP_BELOW < u64::from(self.columns.documents()) {
            // A page wants the first few: taking them off a heap is less work than a sort of all.
            let mut documents: BinaryHeap<Reverse<(Key, u32)>> =
                chosen.iter().map(|doc| Reverse((self.key(ordering, doc), doc))).collect();
            return Box::new(std::iter::from_fn(move || documents.pop().map(|Reverse((_, doc))| doc)));
        }
        let order: &Numbers = self.columns.order(order);
        if chosen.len() == u64::from(self.columns.documents()) {
            return Box::new(order.iter());
        }
        Box::new(order.iter().filter(|doc| chosen.contains(*doc)))
    }
}

impl Snapshot {
    /// The documents of `page` in `chosen`.
    pub(super) fn page(&self, ordering: Ordering, chosen: &[RoaringBitmap], page: Page) -> Vec<DocAddress> {
        let total: u64 = chosen.iter().map(RoaringBitmap::len).sum();
        if page.offset as u64 >= total || page.limit == 0 {
            return Vec::new();
        }
        let mut walks: Vec<_> = self
            .segments
            .iter()
            .zip(chosen)
            .zip(0_u32..)
            .map(|((segment, chosen), at)| {
                let mut walk = segment.walk(ordering, chosen);
                let next = walk.next();
                (at, segment, next.map(|doc| (segment.key(ordering, doc), doc)), walk)
            })
            .collect();
        let mut found = Vec::with_capacity(page.limit);
        if let [(at, _, next, walk)] = walks.as_mut_slice() {
            let rest = next.take().map(|(_, doc)| doc).into_iter().chain(walk);
            found.extend(rest.skip(page.offset).take(page.limit).map(|doc| DocAddress::new(*at, doc)));
            return found;
        }
        let mut before = page.offset;
        while found.len() < page.limit {
            let first = walks
                .iter_mut()
                .filter(|(_, _, next, _)| next.is_some())
                .min_by_key(|(_, _, next, _)| next.as_ref().map(|(key, _)| *key));
            let Some((at, segment, next, walk)) = first else { break };
            let Some((_, doc)) = next.take() else { break };
            *next = walk.next().map(|doc| (segment.key(ordering, doc), doc));
            if before > 0 {
                before -= 1;
            } else {
                found.push(DocAddress::new(*at, doc));
            }
        }
        found
    }
}
