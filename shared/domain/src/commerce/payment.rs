//! Payments, what is wrong with some of them, and to whom a bill goes.

use kernel::Secret;
use serde::{Deserialize, Serialize};

/// State of a payment (seed 001 §3.2, Payment).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// The buyer has not paid yet.
    Pending,
    /// The money is with us.
    Succeeded,
    /// The last attempt failed, or the payment was given up.
    Failed,
}

/// Why money was set aside for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetAsideReason {
    /// Another amount or currency than the order's was captured.
    AmountDiffers,
    /// The money came after the order was cancelled, or its time was over.
    OrderClosed,
    /// The order was paid before, by another payment.
    PaidTwice,
    /// A course of the order is gone: it was paid, there is an enrolment, and nothing to see.
    CourseGone,
    /// The payment names no order that there is.
    NoOrder,
    /// More went back at the gateway's own desk than the order has left, or what went back belongs to no order.
    RefundUnmatched,
    /// A buyer's bank could not take a refund: the money is back at the gateway, and still the buyer's.
    RefundFailed,
    /// A buyer's bank took more than the order has left.
    DisputeUnmatched,
}

/// To whom a bill goes (seed 001 §4.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingAddress {
    /// Given name.
    pub first_name: Secret<String>,
    /// Family name.
    pub last_name: Secret<String>,
    /// Address for mails.
    pub email: Secret<String>,
    /// Street and number.
    pub address_line1: Secret<String>,
    /// What goes below it; may be empty.
    pub address_line2: Secret<String>,
    /// City.
    pub city: Secret<String>,
    /// State or region; may be empty.
    pub state: Secret<String>,
    /// Postal code; may be empty, since not every country has them.
    pub postal_code: Secret<String>,
    /// ISO 3166-1 alpha-2. It decides the tax, and stays when the rest is erased.
    pub country: String,
    /// Telephone; may be empty.
    pub phone: Secret<String>,
}

impl BillingAddress {
    /// What is left of it when its person is erased: the country, which the tax was reckoned by.
    #[must_use]
    pub fn erased(&self) -> Self {
        let nothing = || Secret::new(String::new());
        Self {
            first_name: nothing(),
            last_name: nothing(),
            email: nothing(),
            address_line1: nothing(),
            address_line2: nothing(),
            city: nothing(),
            state: nothing(),
            postal_code: nothing(),
            country: self.country.clone(),
            phone: nothing(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_erased_address_the_country_stays() {
        let text = |text: &str| Secret::new(text.to_owned());
        let address = BillingAddress {
            first_name: text("John"),
            last_name: text("Doe"),
            email: text("john@example.com"),
            address_line1: text("123 Main St"),
            address_line2: text("Apt 4B"),
            city: text("San Francisco"),
            state: text("CA"),
            postal_code: text("94105"),
            country: "US".into(),
            phone: text("+1234567890"),
        };
        let left = serde_json::to_value(address.erased()).unwrap();
        let kept: Vec<_> = left.as_object().unwrap().values().filter(|value| *value != "").collect();
        assert_eq!(kept, ["US"]);
    }
}
