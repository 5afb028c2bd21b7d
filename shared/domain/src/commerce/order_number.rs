//! Numbers of orders for people: `ORD-2026-K00001`. Within a year each of 16 series counts without gaps; the series is chosen by the
//! order's id, so that no single counter is written by every checkout.

use std::{borrow::Cow, fmt, str::FromStr};

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

/// The series: capitals that are not mistaken for digits or for one another.
const SERIES: [char; 16] = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'T'];

/// The number of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderNumber {
    /// Year of the order, UTC.
    pub year: i16,
    /// Its series.
    pub series: char,
    /// Its place in the series, from 1.
    pub number: u32,
}

/// The text is no order number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an order number such as ORD-2026-K00001")]
pub struct InvalidOrderNumber;

/// The series of an order.
pub fn series(order: Id<kinds::Order>) -> char {
    // The low bits of a UUIDv7 are random (RFC 9562, 5.7).
    SERIES[usize::from(order.uuid().as_bytes()[15] & 0xf)]
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ORD-{:04}-{}{:05}", self.year, self.series, self.number)
    }
}

impl FromStr for OrderNumber {
    type Err = InvalidOrderNumber;

    fn from_str(text: &str) -> Result<Self, InvalidOrderNumber> {
        let parse = || {
            let (year, rest) = text.strip_prefix("ORD-")?.split_once('-')?;
            let series = rest.chars().next().filter(|letter| SERIES.contains(letter))?;
            let number = Self { year: year.parse().ok()?, series, number: rest[1..].parse().ok()? };
            // One number has one spelling.
            (number.number > 0 && number.year > 0 && number.to_string() == text).then_some(number)
        };
        parse().ok_or(InvalidOrderNumber)
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = InvalidOrderNumber;

    fn try_from(text: String) -> Result<Self, InvalidOrderNumber> {
        text.parse()
    }
}

impl From<OrderNumber> for String {
    fn from(number: OrderNumber) -> Self {
        number.to_string()
    }
}

impl utoipa::PartialSchema for OrderNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^ORD-[0-9]{4}-[A-Z][0-9]{5,}$"))
            .examples(["ORD-2026-K00001"])
            .into()
    }
}

impl utoipa::ToSchema for OrderNumber {
    fn name() -> Cow<'static, str> {
        "OrderNumber".into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_numbers_of_orders() {
        for text in [
            "ORD-2026-00001",
            "ORD-2026-I00001",
            "ORD-2026-K0001",
            "ORD-2026-K000001",
            "ORD-2026-K00000",
            "ORD-02026-K00001",
            "ORD--2026-K00001",
            "ORD-2026-k00001",
            "ORD-2026-é00001",
            "ORD-2026-",
            "ORD-2026",
            "",
        ] {
            assert!(text.parse::<OrderNumber>().is_err(), "{text}");
        }
        assert_eq!(
            "ORD-2026-K123456".parse::<OrderNumber>().unwrap().number,
            123_456,
            "grows beyond five digits"
        );
    }

    #[test]
    fn orders_of_one_moment_are_over_all_series() {
        let order: Id<kinds::Order> = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
        let mut used: Vec<char> = (0..16).map(|i| series(order.derived(i))).collect();
        used.sort_unstable();
        assert_eq!(used, SERIES);
    }

    proptest! {
        #[test]
        fn every_number_survives_text_and_json(year in 1970..=9999i16, series in 0..16usize, number in 1..=u32::MAX) {
            let number = OrderNumber { year, series: SERIES[series], number };
            prop_assert_eq!(number.to_string().parse::<OrderNumber>(), Ok(number));
            let json = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(serde_json::from_str::<OrderNumber>(&json).unwrap(), number);
        }
    }
}
