//! Prices: exact, in minor units inside, a JSON number with two decimals outside (seed 001 §4.3).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Number, value::RawValue};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

/// The one currency of the platform so far, ISO 4217.
pub const CURRENCY: &str = "USD";
/// Largest price in minor units: ten digits, two of them decimals (seed 001, Course.price).
pub const MAX_MINOR: u64 = 9_999_999_999;

/// An amount of [`CURRENCY`]. It never passes through binary fractions: its digits are read from the number's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(u64);

/// The number is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 0 to 99999999.99 with at most two decimals, such as 89.99")]
pub struct InvalidPrice;

impl Price {
    /// Nothing to pay.
    pub const FREE: Self = Self(0);

    /// The price of so many minor units (cents).
    pub const fn from_minor(minor: u64) -> Self {
        Self(minor)
    }

    /// Minor units (cents).
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// Reads decimal digits such as `89.99`, `89.9` or `89`.
    ///
    /// # Errors
    /// [`InvalidPrice`] for anything else: a sign, an exponent, a third decimal that is not 0, more than [`MAX_MINOR`].
    pub fn parse(text: &str) -> Result<Self, InvalidPrice> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let decimals = decimals.trim_end_matches('0');
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 8 || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
            return Err(InvalidPrice);
        }
        format!("{whole}{decimals:0<2}").parse().map(Self).map_err(|_| InvalidPrice)
    }

    fn text(self) -> String {
        format!("{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde_json keeps up to 17 significant digits and prints the shortest text that reads back the same, so the ten
        // digits of a price come out as they were sent.
        let number = Number::deserialize(deserializer)?;
        Self::parse(&number.to_string()).map_err(D::Error::custom)
    }
}

impl Serialize for Price {
    /// For JSON only: the raw value keeps both decimals (`90.00`), which a float would drop.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.text()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl utoipa::PartialSchema for Price {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0.0))
            .maximum(Some(99_999_999.99))
            .multiple_of(Some(0.01))
            .examples([89.99])
            .into()
    }
}

impl utoipa::ToSchema for Price {
    fn name() -> std::borrow::Cow<'static, str> {
        "Price".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_a_price() {
        for (json, minor) in [
            ("0", Some(0)),
            ("0.00", Some(0)),
            ("0.01", Some(1)),
            ("89.99", Some(8_999)),
            ("89.9", Some(8_990)),
            ("90", Some(9_000)),
            ("1e2", Some(10_000)),
            ("99999999.99", Some(MAX_MINOR)),
            ("100000000", None),
            ("89.999", None),
            ("0.001", None),
            ("-1", None),
            ("-0.01", None),
            ("1e20", None),
            ("\"89.99\"", None),
            ("true", None),
        ] {
            assert_eq!(serde_json::from_str::<Price>(json).ok().map(Price::minor), minor, "{json}");
        }
    }

    proptest! {
        #[test]
        fn every_price_survives_json_to_the_cent(minor in 0..=MAX_MINOR) {
            let json = serde_json::to_string(&Price::from_minor(minor)).unwrap();
            prop_assert_eq!(json.split_once('.').map(|(_, decimals)| decimals.len()), Some(2));
            prop_assert_eq!(serde_json::from_str::<Price>(&json).unwrap().minor(), minor);
        }
    }
}
