//! Exact amounts: whole minor units with their currency, shares in basis points, and the way both look in JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

use super::Currency;
use crate::course::Price;

/// So much money. This is the form of storage (`{"minor": 8999, "currency": "USD"}`); [`Money`] is the form of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units of the currency: cents of a dollar, yen, thousandths of a dinar. May be negative.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// Two amounts can't be reckoned with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// They are of different currencies.
    #[error("{0} can't be added to {1}")]
    Currencies(Currency, Currency),
    /// The result is out of the range of 64 bits.
    #[error("the amount is too large")]
    Overflow,
}

/// The text is no amount of the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number that is not negative, with at most the decimals that the currency has")]
pub struct InvalidAmount;

impl Amount {
    /// So many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`AmountError`] for another currency or a sum out of range.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        self.with(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`AmountError`] for another currency or a difference out of range.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.with(other, i64::checked_sub)
    }

    /// The amount with the other sign.
    ///
    /// # Errors
    /// [`AmountError::Overflow`] for the lowest amount of all.
    pub fn checked_neg(self) -> Result<Self, AmountError> {
        let minor = self.minor.checked_neg().ok_or(AmountError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    fn with(self, other: Self, op: impl Fn(i64, i64) -> Option<i64>) -> Result<Self, AmountError> {
        if self.currency != other.currency {
            return Err(AmountError::Currencies(other.currency, self.currency));
        }
        let minor = op(self.minor, other.minor).ok_or(AmountError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Reads decimal digits such as `89.99`, `89.9` or `89`, as the currency has decimals.
    ///
    /// # Errors
    /// [`InvalidAmount`] for anything else: a sign, an exponent, a decimal too many that is not 0, more than 64 bits hold.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, InvalidAmount> {
        let exponent = usize::from(currency.exponent());
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let decimals = decimals.trim_end_matches('0');
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() > exponent || !digits(whole) || !digits(decimals) {
            return Err(InvalidAmount);
        }
        let minor = format!("{whole}{decimals:0<exponent$}").parse().map_err(|_| InvalidAmount)?;
        Ok(Self::new(minor, currency))
    }

    /// Its digits with the currency's decimals and without its code: `89.99`, `-0.01`, `12000` yen, `1.250` dinars.
    pub fn digits(self) -> String {
        let exponent = usize::from(self.currency.exponent());
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, decimals) = digits.split_at(digits.len() - exponent);
        if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
    }
}

impl std::fmt::Display for Amount {
    /// For people: `89.99 USD`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.digits(), self.currency)
    }
}

impl TryFrom<Price> for Amount {
    type Error = AmountError;

    fn try_from(price: Price) -> Result<Self, AmountError> {
        let minor = i64::try_from(price.minor()).map_err(|_| AmountError::Overflow)?;
        Ok(Self::new(minor, Currency::USD))
    }
}

/// An amount as the API shows it: a JSON number with the currency's decimals (seed 001 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money(pub Amount);

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self(amount)
    }
}

impl Serialize for Money {
    /// For JSON only: the raw value keeps every decimal (`90.00`), which a float would drop.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.digits()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl utoipa::PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).examples([169.98]).into()
    }
}

impl utoipa::ToSchema for Money {
    fn name() -> Cow<'static, str> {
        "Money".into()
    }
}

/// A share in hundredths of a percent, from 0 to 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct BasisPoints(u16);

/// The number is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number of basis points from 0 to 10000")]
pub struct InvalidBasisPoints;

impl BasisPoints {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything.
    pub const WHOLE: Self = Self(10_000);

    /// So many percent; more than 100 are 100.
    pub const fn from_percent(percent: u8) -> Self {
        if percent > 100 { Self::WHOLE } else { Self(percent as u16 * 100) }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// This share of `minor`, rounded half away from zero. It is never larger than `minor`, and of a larger amount never smaller.
    pub const fn of(self, minor: i64) -> i64 {
        fraction(minor, self.0 as i64, 10_000)
    }

    /// This share of `minor`, rounded towards zero.
    pub const fn of_truncated(self, minor: i64) -> i64 {
        // At most `minor` itself, so it fits.
        (minor as i128 * self.0 as i128 / 10_000) as i64
    }
}

impl TryFrom<u16> for BasisPoints {
    type Error = InvalidBasisPoints;

    fn try_from(points: u16) -> Result<Self, InvalidBasisPoints> {
        if points <= Self::WHOLE.0 { Ok(Self(points)) } else { Err(InvalidBasisPoints) }
    }
}

impl From<BasisPoints> for u16 {
    fn from(points: BasisPoints) -> Self {
        points.0
    }
}

impl utoipa::PartialSchema for BasisPoints {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(10_000))
            .examples([7_000])
            .into()
    }
}

impl utoipa::ToSchema for BasisPoints {
    fn name() -> Cow<'static, str> {
        "BasisPoints".into()
    }
}

/// `minor` × `part` ⁄ `whole`, rounded half away from zero; 0 where there is no whole. `part` is at most `whole`, so that the
/// result is at most `minor` and fits.
pub(super) const fn fraction(minor: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (product, whole) = (minor as i128 * part as i128, whole as i128);
    let half = if product < 0 { -whole } else { whole };
    ((2 * product + half) / (2 * whole)) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn digits_have_the_decimals_of_the_currency() {
        for (minor, code, text) in [
            (16_998, "USD", "169.98"),
            (9_000, "USD", "90.00"),
            (5, "USD", "0.05"),
            (0, "USD", "0.00"),
            (-1, "USD", "-0.01"),
            (12_000, "JPY", "12000"),
            (-7, "KRW", "-7"),
            (1_250, "BHD", "1.250"),
            (i64::MIN, "JPY", "-9223372036854775808"),
        ] {
            let amount = Amount::new(minor, currency(code));
            assert_eq!(serde_json::to_string(&Money(amount)).unwrap(), text);
            assert_eq!(amount.to_string(), format!("{text} {code}"));
        }
    }

    #[test]
    fn storage_keeps_whole_minor_units() {
        let json = r#"{"minor":8999,"currency":"USD"}"#;
        let amount = Amount::try_from(Price::from_minor(8_999)).unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        assert_eq!(serde_json::from_str::<Amount>(json).unwrap(), amount);
        assert!(serde_json::from_str::<Amount>(r#"{"minor":89.99,"currency":"USD"}"#).is_err());
        assert_eq!(Amount::try_from(Price::from_minor(u64::MAX)), Err(AmountError::Overflow));
    }

    #[test]
    fn currencies_do_not_mix_and_nothing_wraps() {
        let (usd, krw) = (Currency::USD, currency("KRW"));
        let most = Amount::new(i64::MAX, usd);
        assert_eq!(most.checked_add(Amount::new(1, krw)), Err(AmountError::Currencies(krw, usd)));
        assert_eq!(most.checked_add(Amount::new(1, usd)), Err(AmountError::Overflow));
        assert_eq!(Amount::zero(usd).checked_sub(most), most.checked_neg());
        assert_eq!(Amount::new(i64::MIN, usd).checked_neg(), Err(AmountError::Overflow));
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let half = BasisPoints::try_from(5_000).unwrap();
        for (minor, rounded, truncated) in
            [(1, 1, 0), (-1, -1, 0), (3, 2, 1), (-3, -2, -1), (2, 1, 1), (0, 0, 0)]
        {
            assert_eq!((half.of(minor), half.of_truncated(minor)), (rounded, truncated), "{minor}");
        }
        assert_eq!(BasisPoints::from_percent(70).of(8_999), 6_299, "6299.3");
        assert_eq!(BasisPoints::from_percent(101), BasisPoints::WHOLE);
        assert_eq!(BasisPoints::try_from(10_001), Err(InvalidBasisPoints));
        assert!(serde_json::from_str::<BasisPoints>("10001").is_err());
        assert_eq!(fraction(5, 1, 0), 0);
    }

    proptest! {
        #[test]
        fn a_share_and_its_rest_are_the_whole(minor in any::<i64>(), points in 0..=10_000u16) {
            let share = BasisPoints::try_from(points).unwrap();
            let exact = i128::from(minor) * i128::from(points);
            for part in [share.of(minor), share.of_truncated(minor)] {
                prop_assert!(part.unsigned_abs() <= minor.unsigned_abs());
                prop_assert!(part == 0 || (part < 0) == (minor < 0));
                prop_assert!((i128::from(part) * 10_000 - exact).abs() < 10_000);
            }
            prop_assert!((i128::from(share.of(minor)) * 10_000 - exact).abs() <= 5_000, "at most half a unit off");
            prop_assume!(minor != i64::MIN);
            prop_assert_eq!(share.of(-minor), -share.of(minor));
        }

        #[test]
        fn a_share_of_more_is_not_less(minor in 0..i64::MAX, points in 0..=10_000u16) {
            let share = BasisPoints::try_from(points).unwrap();
            prop_assert!((0..=1).contains(&(share.of(minor + 1) - share.of(minor))));
        }

        #[test]
        fn digits_read_back_as_the_same_amount(minor in any::<i64>(), pick in 0..1_000usize) {
            let currencies: Vec<_> = Currency::all().collect();
            let currency = currencies[pick % currencies.len()];
            let text = Amount::new(minor, currency).digits();
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            prop_assert_eq!(decimals, usize::from(currency.exponent()));
            prop_assert_eq!(text.replace('.', "").parse::<i64>(), Ok(minor));
        }
    }
}
