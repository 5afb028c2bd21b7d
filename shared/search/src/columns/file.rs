//! The file of a segment's columns: a JSON header, then the parts it names.

use std::{collections::BTreeMap, ops::Range};

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use tantivy::directory::OwnedBytes;

use super::{Columns, Dimension, NUMBERS, Number, Numbers, ORDERS, Order, Value};
use crate::error::Error;

const DAMAGED: Error = Error::Damaged { what: "a segment's columns" };

#[derive(Default, Serialize, Deserialize)]
struct Header {
    documents: u32,
    values: BTreeMap<Dimension, Vec<(String, Range<usize>)>>,
    codes: BTreeMap<Dimension, Range<usize>>,
    numbers: BTreeMap<Number, Range<usize>>,
    orders: BTreeMap<Order, Range<usize>>,
}

/// A file in the making.
pub(super) struct Draft {
    header: Header,
    body: Vec<u8>,
}

impl Draft {
    pub(super) fn new(documents: u32) -> Self {
        Self { header: Header { documents, ..Header::default() }, body: Vec::new() }
    }

    fn words(&mut self, numbers: &[u32]) -> Range<usize> {
        let start = self.body.len();
        self.body.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        start..self.body.len()
    }

    pub(super) fn dimension(
        &mut self,
        dimension: Dimension,
        values: &BTreeMap<&str, RoaringBitmap>,
        codes: &[Option<&str>],
    ) {
        let mut ranges = Vec::new();
        let mut positions: BTreeMap<&str, u16> = BTreeMap::new();
        for (at, (name, documents)) in values.iter().enumerate() {
            let start = self.body.len();
            // Writing to a vector can't fail.
            let _ = documents.serialize_into(&mut self.body);
            ranges.push(((*name).to_owned(), start..self.body.len()));
            positions.insert(name, u16::try_from(at + 1).unwrap_or(0));
        }
        let start = self.body.len();
        for code in codes {
            let position = code.and_then(|code| positions.get(code)).copied().unwrap_or(0);
            self.body.extend(position.to_le_bytes());
        }
        self.header.codes.insert(dimension, start..self.body.len());
        self.header.values.insert(dimension, ranges);
    }

    pub(super) fn numbers(&mut self, number: Number, column: &[u32]) {
        let range = self.words(column);
        self.header.numbers.insert(number, range);
    }

    pub(super) fn order(&mut self, order: Order, documents: &[u32]) {
        let range = self.words(documents);
        self.header.orders.insert(order, range);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        // A header of numbers and names is always JSON.
        let header = serde_json::to_vec(&self.header).unwrap_or_default();
        let mut file = Vec::with_capacity(8 + header.len() + self.body.len());
        file.extend((header.len() as u64).to_le_bytes());
        file.extend(header);
        file.extend(self.body);
        file
    }
}

impl Columns {
    /// Reads a file made by [`super::build`]. Numbers and orders stay where they are; only the bitmaps are copied.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the file is not one.
    pub fn open(file: &OwnedBytes) -> Result<Self, Error> {
        let bytes = file.as_slice();
        let length = bytes.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes).ok_or(DAMAGED)?;
        let length = usize::try_from(length).map_err(|_| DAMAGED)?;
        let start = length.checked_add(8).filter(|end| *end <= bytes.len()).ok_or(DAMAGED)?;
        let header: Header =
            bytes.get(8..start).and_then(|h| serde_json::from_slice(h).ok()).ok_or(DAMAGED)?;
        let documents = header.documents as usize;
        let part = |range: Option<&Range<usize>>, expected: Option<usize>| {
            let range = range.ok_or(DAMAGED)?;
            let whole = start + range.start..start + range.end;
            let fits = whole.start <= whole.end && whole.end <= bytes.len();
            if !fits || expected.is_some_and(|expected| whole.len() != expected) {
                return Err(DAMAGED);
            }
            Ok(file.slice(whole))
        };
        let mut values: [Vec<Value>; 6] = Default::default();
        let mut codes: [OwnedBytes; 6] = std::array::from_fn(|_| OwnedBytes::empty());
        for dimension in Dimension::ALL {
            let slot = values.get_mut(dimension as usize).ok_or(DAMAGED)?;
            for (name, range) in header.values.get(&dimension).ok_or(DAMAGED)? {
                let part = part(Some(range), None)?;
                let documents = RoaringBitmap::deserialize_from(part.as_slice()).map_err(|_| DAMAGED)?;
                slot.push(Value { name: name.clone(), documents });
            }
            let slot = codes.get_mut(dimension as usize).ok_or(DAMAGED)?;
            *slot = part(header.codes.get(&dimension), Some(documents * 2))?;
        }
        let mut numbers: [Numbers; 6] = std::array::from_fn(|_| Numbers(OwnedBytes::empty()));
        for (slot, number) in numbers.iter_mut().zip(NUMBERS) {
            *slot = Numbers(part(header.numbers.get(&number), Some(documents * 4))?);
        }
        let mut orders: [Numbers; 4] = std::array::from_fn(|_| Numbers(OwnedBytes::empty()));
        for (slot, order) in orders.iter_mut().zip(ORDERS) {
            *slot = Numbers(part(header.orders.get(&order), Some(documents * 4))?);
        }
        Ok(Self { documents: header.documents, values, codes, numbers, orders })
    }
}
