//! What can be charged to a card at all.

use super::{Amount, Currency};

/// The least amounts that the gateway charges, in minor units, by currency (<https://docs.stripe.com/currencies>, "Minimum and maximum
/// charge amounts"). In a currency without an entry the gateway decides, and where it settles in another currency it compares once more
/// after the conversion.
const LEAST: [(&str, i64); 31] = [
    ("AED", 200),
    ("ARS", 50),
    ("AUD", 50),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("COP", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("IDR", 50),
    ("ILS", 50),
    ("INR", 50),
    ("JPY", 50),
    ("KRW", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PHP", 50),
    ("PLN", 200),
    ("RON", 200),
    ("RUB", 50),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
    ("ZAR", 50),
];

/// The amount is less than a card is charged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a card is charged with {0} or more")]
pub struct TooSmall(pub Amount);

/// The least amount of a currency that is charged; `None` where only the gateway knows.
pub fn least(currency: Currency) -> Option<Amount> {
    let place = LEAST.binary_search_by_key(&currency.code(), |(code, _)| code).ok()?;
    LEAST.get(place).map(|(_, minor)| Amount::new(*minor, currency))
}

/// Whether this can be charged to a card, as far as is known before the gateway is asked.
///
/// # Errors
/// [`TooSmall`], with the least amount.
pub fn check(amount: Amount) -> Result<(), TooSmall> {
    match least(amount.currency) {
        Some(least) if amount.minor < least.minor => Err(TooSmall(least)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_one_of_currencies_in_order() {
        assert!(LEAST.is_sorted_by(|(a, _), (b, _)| a < b), "in order, none twice: it is searched so");
        for (code, minor) in LEAST {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(least(currency), Some(Amount::new(minor, currency)), "{code}");
            assert!(minor > 0, "{code}");
        }
        assert_eq!(least("ISK".parse().unwrap()), None);
    }

    #[test]
    fn one_unit_less_than_the_least_is_too_small() {
        for (code, least, text) in [
            ("USD", 50, "0.50 USD"),
            ("HUF", 17_500, "175.00 HUF"),
            ("JPY", 50, "50 JPY"),
            ("GBP", 30, "0.30 GBP"),
        ] {
            let amount = |minor| Amount::new(minor, code.parse().unwrap());
            assert_eq!(check(amount(least)), Ok(()), "{code}");
            let refused = check(amount(least - 1)).unwrap_err();
            assert_eq!(refused, TooSmall(amount(least)));
            assert_eq!(refused.to_string(), format!("a card is charged with {text} or more"));
        }
        assert_eq!(check(Amount::new(1, "BHD".parse().unwrap())), Ok(()), "the gateway decides");
    }
}
