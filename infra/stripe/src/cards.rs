//! Stripe's test cards: <https://docs.stripe.com/testing>.

use crate::error::ApiError;

/// What a card does when it is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Pays.
    Pays,
    /// Pays, and the bank takes it back at once.
    Disputed,
    /// Is declined.
    Declined {
        /// Stripe's code.
        code: &'static str,
        /// The bank's reason.
        reason: Option<&'static str>,
    },
    /// The bank asks the person, the first time only.
    Asks,
    /// The bank asks the person each time, so that it can't pay without him.
    AlwaysAsks,
    /// Can be kept, and is declined whenever it is charged.
    FailsLater,
}

/// What a card number does. None for one that is no card.
pub fn behaviour(number: &str) -> Option<Behaviour> {
    let declined = |code, reason| Behaviour::Declined { code, reason };
    Some(match number {
        "4000000000000002" => declined("card_declined", Some("generic_decline")),
        "4000000000009995" => declined("card_declined", Some("insufficient_funds")),
        "4000000000000069" => declined("expired_card", None),
        "4000000000000127" => declined("incorrect_cvc", None),
        "4000000000000119" => declined("processing_error", None),
        "4000000000000341" => Behaviour::FailsLater,
        "4000000000000259" => Behaviour::Disputed,
        "4000002500003155" => Behaviour::Asks,
        "4000000000003220" | "4000002760003184" => Behaviour::AlwaysAsks,
        _ if number.len() >= 13 && luhn(number) => Behaviour::Pays,
        _ => return None,
    })
}

/// The number behind a token such as `pm_card_visa`, which tests may send in place of a card.
pub fn of_token(token: &str) -> Option<&'static str> {
    Some(match token {
        "pm_card_visa" => "4242424242424242",
        "pm_card_mastercard" => "5555555555554444",
        "pm_card_chargeDeclined" => "4000000000000002",
        "pm_card_chargeDeclinedInsufficientFunds" => "4000000000009995",
        "pm_card_chargeCustomerFail" => "4000000000000341",
        "pm_card_authenticationRequired" => "4000002760003184",
        "pm_card_createDispute" => "4000000000000259",
        _ => return None,
    })
}

/// The name of its network.
pub fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'4', ..] => "visa",
        [b'5', ..] => "mastercard",
        [b'3', b'4' | b'7', ..] => "amex",
        _ => "unknown",
    }
}

/// The answer to a declined card.
pub fn refusal(code: &str, reason: Option<&str>) -> ApiError {
    let message = match (code, reason) {
        ("expired_card", _) => "Your card has expired.",
        ("incorrect_cvc", _) => "Your card's security code is incorrect.",
        ("processing_error", _) => "An error occurred while processing your card. Try again in a little bit.",
        ("authentication_required", _) => "This transaction requires authentication.",
        (_, Some("insufficient_funds")) => "Your card has insufficient funds.",
        _ => "Your card was declined.",
    };
    ApiError::declined(code, reason, message)
}

/// The check digit of ISO/IEC 7812-1.
fn luhn(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits else { return false };
    let weigh =
        |(index, digit): (usize, u32)| if index % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 };
    digits.into_iter().enumerate().map(weigh).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_cards_do_what_stripe_says() {
        assert_eq!(behaviour("4242424242424242"), Some(Behaviour::Pays));
        assert_eq!(behaviour("4242424242424241"), None);
        assert_eq!(behaviour("4242"), None);
        assert_eq!(behaviour("42424242424242420x"), None);
        assert!(matches!(
            behaviour("4000000000000002"),
            Some(Behaviour::Declined { code: "card_declined", .. })
        ));
        assert_eq!(behaviour("4000000000000259"), Some(Behaviour::Disputed));
        assert_eq!(brand("5555555555554444"), "mastercard");
    }
}
