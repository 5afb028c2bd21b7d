//! Columns of one segment: what lists, filters, orderings and facets are answered from.
//!
//! A segment never changes, so its columns are computed once, by the writer, and read in place (mapped) by every reader.
//! Documents of a segment stand in descending order of popularity, so the number of a document is its rank.

mod build;
mod file;

use std::ops::RangeInclusive;

use roaring::RoaringBitmap;
use tantivy::directory::OwnedBytes;

pub use build::build;

/// What a facet counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Kind of the document; filters only.
    Kind,
    /// Category.
    Category,
    /// Level.
    Level,
    /// Language.
    Language,
    /// Band of the price.
    Price,
    /// Band of the rating.
    Rating,
}

impl Dimension {
    /// What a list counts.
    pub const FACETS: [Self; 5] = [Self::Category, Self::Level, Self::Language, Self::Price, Self::Rating];
    const ALL: [Self; 6] =
        [Self::Kind, Self::Category, Self::Level, Self::Language, Self::Price, Self::Rating];
}

/// Numbers by document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// Unix seconds of the publication.
    Published,
    /// Popularity.
    Popularity,
    /// Rating and count (`schema::rating_key`).
    Rating,
    /// Price in minor units.
    Price,
    /// Seconds.
    Duration,
    /// Tie-breaking hash.
    Tie,
}

/// Stored orders of the documents; the order by popularity is that of the documents themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest first.
    Newest,
    /// The best first.
    Rating,
    /// The cheapest first.
    PriceLow,
    /// The dearest first.
    PriceHigh,
}

const NUMBERS: [Number; 6] =
    [Number::Published, Number::Popularity, Number::Rating, Number::Price, Number::Duration, Number::Tie];
const ORDERS: [Order; 4] = [Order::Newest, Order::Rating, Order::PriceLow, Order::PriceHigh];

/// Little-endian numbers in a mapped file.
#[derive(Clone)]
pub struct Numbers(OwnedBytes);

/// Numbers that are compared at once.
const BLOCK: usize = 64;

/// Eight bytes of 0 or 1 as the bits of one, the first as the lowest.
const fn pack(bytes: [u8; 8]) -> u8 {
    // Byte i, at bit 8i, is moved to bit 56 + i by bit 56 - 7i of the factor; no two sums meet below.
    (u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

impl Numbers {
    /// The number of a document; 0 beyond the end.
    pub fn get(&self, at: u32) -> u32 {
        let at = at as usize * 4;
        self.0.as_slice().get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.as_slice().chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().unwrap_or_default()))
    }

    /// The documents whose number lies in `range`.
    pub fn within(&self, range: &RangeInclusive<u32>) -> RoaringBitmap {
        let (low, width) = (*range.start(), range.end().saturating_sub(*range.start()));
        if range.is_empty() {
            return RoaringBitmap::new();
        }
        let mut bits = Vec::with_capacity(self.0.len() / 32 + 1);
        let inside = |number: &[u8]| {
            let number = u32::from_le_bytes(number.try_into().unwrap_or_default());
            u8::from(number.wrapping_sub(low) <= width)
        };
        // Blocks of a fixed size, one byte for each number, become vector instructions; the bytes are packed afterwards.
        let (blocks, rest) = self.0.as_slice().as_chunks::<{ 4 * BLOCK }>();
        let mut found = [0_u8; BLOCK];
        for block in blocks {
            for (found, number) in found.iter_mut().zip(block.as_chunks::<4>().0) {
                *found = inside(number);
            }
            bits.extend(found.as_chunks::<8>().0.iter().map(|eight| pack(*eight)));
        }
        for eight in rest.chunks(32) {
            let mut found = [0; 8];
            found.iter_mut().zip(eight.chunks_exact(4)).for_each(|(found, number)| *found = inside(number));
            bits.push(pack(found));
        }
        RoaringBitmap::from_lsb0_bytes(0, &bits)
    }
}

/// One value of a dimension and its documents.
pub struct Value {
    /// Name in filters and facets.
    pub name: String,
    /// The listed documents that have it.
    pub documents: RoaringBitmap,
}

/// The columns of a segment.
pub struct Columns {
    documents: u32,
    values: [Vec<Value>; 6],
    codes: [OwnedBytes; 6],
    numbers: [Numbers; 6],
    orders: [Numbers; 4],
}

impl Columns {
    /// How many documents the segment has, deleted ones too.
    pub const fn documents(&self) -> u32 {
        self.documents
    }

    /// The values of a dimension.
    pub fn values(&self, dimension: Dimension) -> &[Value] {
        self.values.get(dimension as usize).map_or(&[], Vec::as_slice)
    }

    /// The listed documents with this value.
    pub fn with(&self, dimension: Dimension, name: &str) -> Option<&RoaringBitmap> {
        self.values(dimension).iter().find(|value| value.name == name).map(|value| &value.documents)
    }

    /// Two bytes a document: the position of its value in [`Columns::values`], plus one; zero for none.
    pub fn codes(&self, dimension: Dimension) -> &[u8] {
        self.codes.get(dimension as usize).map_or(&[], |codes| codes.as_slice())
    }

    /// A column of numbers.
    #[expect(clippy::indexing_slicing, reason = "the array has one entry for each variant")]
    pub fn numbers(&self, number: Number) -> &Numbers {
        &self.numbers[number as usize]
    }

    /// A stored order.
    #[expect(clippy::indexing_slicing, reason = "the array has one entry for each variant")]
    pub fn order(&self, order: Order) -> &Numbers {
        &self.orders[order as usize]
    }
}

/// Names and lower limits of the price bands, in minor units.
pub const PRICE_BANDS: [(&str, u32); 5] =
    [("free", 0), ("under_20", 1), ("20_to_50", 2_000), ("50_to_100", 5_000), ("over_100", 10_000)];

/// Names and lower limits of the rating bands, in hundredths.
pub const RATING_BANDS: [(&str, u32); 5] =
    [("below_3", 0), ("3_up", 300), ("3_5_up", 350), ("4_up", 400), ("4_5_up", 450)];

/// The band of a number.
pub fn band(bands: &[(&'static str, u32)], number: u32) -> usize {
    bands.iter().rposition(|(_, from)| number >= *from).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_become_bits() {
        for bits in 0..=u8::MAX {
            assert_eq!(pack(std::array::from_fn(|at| bits >> at & 1)), bits);
        }
    }

    proptest! {
        #[test]
        fn a_range_finds_what_lies_in_it(
            numbers in prop::collection::vec(prop_oneof![0..50_u32, any::<u32>()], 0..300),
            low in prop_oneof![0..50_u32, any::<u32>()],
            high in prop_oneof![0..50_u32, any::<u32>()],
        ) {
            let column = Numbers(OwnedBytes::new(numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>()));
            let wanted: RoaringBitmap =
                numbers.iter().zip(0..).filter(|(n, _)| (low..=high).contains(n)).map(|(_, at)| at).collect();
            prop_assert_eq!(column.within(&(low..=high)), wanted);
        }
    }
}
