//! Amounts as Stripe takes them.

use stripe_types::Currency;

use crate::GatewayError;

/// Currencies whose smallest unit differs between ISO 4217 and Stripe (<https://docs.stripe.com/currencies>, "Special cases" and
/// "Zero-decimal currencies"). None is on sale; taking one by mistake would charge a hundred times too much or too little.
const DIFFERENT: [&str; 3] = ["ISK", "MGA", "UGX"];
/// Stripe takes three decimals, of which the last must be zero.
const THREE_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// A positive amount in the currency's ISO 4217 minor units, checked to mean the same to Stripe.
///
/// # Errors
/// [`GatewayError::Refused`] when it can't be paid; nothing was sent.
pub(crate) fn payable(minor: i64, currency: &str) -> Result<(i64, Currency), GatewayError> {
    let code = currency.to_ascii_uppercase();
    let known = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if !known || DIFFERENT.contains(&code.as_str()) {
        return Err(GatewayError::invalid("currency_not_supported", "this currency can't be paid in"));
    }
    if minor <= 0 || (THREE_DECIMALS.contains(&code.as_str()) && minor % 10 != 0) {
        return Err(GatewayError::invalid(
            "amount_not_payable",
            "this amount can't be paid in this currency",
        ));
    }
    let currency = code.to_ascii_lowercase().parse::<Currency>();
    Ok((minor, currency.unwrap_or_else(|never| match never {})))
}

/// The ISO code of a currency of Stripe.
pub(crate) fn code(currency: &Currency) -> String {
    currency.to_string().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amounts_that_mean_the_same_to_both_are_sent() {
        assert_eq!(payable(1999, "USD").unwrap().0, 1999);
        assert_eq!(code(&payable(500, "jpy").unwrap().1), "JPY");
        assert!(payable(1230, "BHD").is_ok());
        for (minor, currency) in
            [(1235, "BHD"), (0, "USD"), (-1, "USD"), (100, "UGX"), (100, "ISK"), (100, "US"), (1, "U$D")]
        {
            assert!(payable(minor, currency).is_err(), "{minor} {currency}");
        }
    }
}
