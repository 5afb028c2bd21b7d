//! Computing the columns of a segment from its fast fields.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use tantivy::{SegmentReader, columnar::StrColumn};

use super::{Dimension, NUMBERS, Number, ORDERS, Order, PRICE_BANDS, RATING_BANDS, band, file::Draft};
use crate::{
    document::{Kind, Level},
    error::Error,
    schema::column,
};

/// The columns of `segment` as the bytes of their file.
///
/// # Errors
/// [`Error::Index`] if the segment can't be read.
pub fn build(segment: &SegmentReader) -> Result<Vec<u8>, Error> {
    let documents = segment.max_doc();
    let kinds = read(segment, column::KIND)?;
    let ranks = segment.fast_fields().u64(column::RANK)?;
    let rank = |doc| ranks.first(doc).unwrap_or(0);
    let numbers: BTreeMap<Number, Vec<u32>> = NUMBERS
        .into_iter()
        .map(|number| {
            Ok((
                number,
                match number {
                    Number::Popularity => (0..documents).map(|doc| (rank(doc) >> 32) as u32).collect(),
                    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
                    Number::Tie => (0..documents).map(|doc| rank(doc) as u32).collect(),
                    Number::Published => read(segment, column::PUBLISHED)?,
                    Number::Rating => read(segment, column::RATING)?,
                    Number::Price => read(segment, column::PRICE)?,
                    Number::Duration => read(segment, column::DURATION)?,
                },
            ))
        })
        .collect::<Result<_, Error>>()?;
    let column = |number: Number| numbers.get(&number).map_or(&[][..], Vec::as_slice);
    let mut draft = Draft::new(documents);
    let listed = |doc: u32| kinds.get(doc as usize).is_some_and(|kind| *kind < 128);
    let courses: Vec<bool> = kinds.iter().map(|kind| *kind == u32::from(Kind::Course.code())).collect();
    for dimension in Dimension::ALL {
        let named = named(segment, dimension)?;
        let mut values: BTreeMap<&str, RoaringBitmap> = BTreeMap::new();
        let mut codes: Vec<Option<&str>> = Vec::with_capacity(documents as usize);
        let levels = if dimension == Dimension::Level { read(segment, column::LEVEL)? } else { Vec::new() };
        for doc in 0..documents {
            let at = doc as usize;
            let number = |number: Number| column(number).get(at).copied().unwrap_or(0);
            let course = courses.get(at).copied().unwrap_or(false);
            let value = if listed(doc) {
                match dimension {
                    Dimension::Kind => kind_name(kinds.get(at).copied().unwrap_or(0)),
                    Dimension::Category | Dimension::Language => {
                        named.as_ref().and_then(|named| named.of(doc))
                    }
                    Dimension::Level => levels.get(at).copied().and_then(level_name),
                    Dimension::Price => course.then(|| band_name(&PRICE_BANDS, number(Number::Price))),
                    Dimension::Rating => {
                        course.then(|| band_name(&RATING_BANDS, number(Number::Rating) >> 23))
                    }
                }
            } else {
                None
            };
            if let Some(value) = value {
                values.entry(value).or_default().insert(doc);
            }
            codes.push(value);
        }
        draft.dimension(dimension, &values, &codes);
    }
    for number in NUMBERS {
        draft.numbers(number, column(number));
    }
    for order in ORDERS {
        let mut sorted: Vec<u32> = (0..documents).collect();
        let by = |number: Number, doc: u32| column(number).get(doc as usize).copied().unwrap_or(0);
        // Equal ones stay in the order of popularity: the sort is stable.
        match order {
            Order::Newest => sorted.sort_by_key(|doc| std::cmp::Reverse(by(Number::Published, *doc))),
            Order::Rating => sorted.sort_by_key(|doc| std::cmp::Reverse(by(Number::Rating, *doc))),
            Order::PriceLow => sorted.sort_by_key(|doc| by(Number::Price, *doc)),
            Order::PriceHigh => sorted.sort_by_key(|doc| std::cmp::Reverse(by(Number::Price, *doc))),
        }
        draft.order(order, &sorted);
    }
    Ok(draft.finish())
}

fn read(segment: &SegmentReader, name: &str) -> Result<Vec<u32>, Error> {
    let column = segment.fast_fields().u64(name)?;
    Ok((0..segment.max_doc())
        .map(|doc| column.first(doc).map_or(0, |value| u32::try_from(value).unwrap_or(u32::MAX)))
        .collect())
}

/// Values of a text column.
struct Texts {
    column: StrColumn,
    names: Vec<String>,
}

impl Texts {
    fn of(&self, doc: u32) -> Option<&str> {
        let ord = self.column.ords().first(doc)?;
        self.names.get(usize::try_from(ord).ok()?).map(String::as_str).filter(|name| !name.is_empty())
    }
}

fn named(segment: &SegmentReader, dimension: Dimension) -> Result<Option<Texts>, Error> {
    let name = match dimension {
        Dimension::Category => column::CATEGORY,
        Dimension::Language => column::LANGUAGE,
        _ => return Ok(None),
    };
    let Some(column) = segment.fast_fields().str(name)? else { return Ok(None) };
    let mut names = Vec::with_capacity(column.num_terms());
    for ord in 0..column.num_terms() as u64 {
        let mut text = String::new();
        column.ord_to_str(ord, &mut text)?;
        names.push(text);
    }
    Ok(Some(Texts { column, names }))
}

fn kind_name(code: u32) -> Option<&'static str> {
    Kind::ALL.get(code as usize).map(|kind| kind.name())
}

fn level_name(code: u32) -> Option<&'static str> {
    Level::ALL.get((code as usize).checked_sub(1)?).map(|level| level.name())
}

fn band_name(bands: &[(&'static str, u32)], number: u32) -> &'static str {
    bands.get(band(bands, number)).map_or("", |(name, _)| name)
}
