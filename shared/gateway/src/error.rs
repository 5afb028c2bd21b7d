//! What can go wrong at the gateway, sorted by what the caller has to do.

use std::fmt::Display;

use cloud::secrets::SecretError;
use serde::Deserialize;
use stripe_client_core::StripeClientErr;

/// Why an operation gave no result.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The bank or the card said no. Nothing was charged; the person may try another card.
    #[error("declined: {code}")]
    Declined {
        /// Stripe's error code, such as `card_declined`.
        code: String,
        /// The bank's reason where it gives one, such as `insufficient_funds`.
        reason: Option<String>,
        /// A sentence for the person.
        message: String,
    },
    /// The request itself is wrong: an unknown object, a state that does not allow it, a key that was used with another body.
    /// The same request will be refused again. Nothing was done.
    #[error("refused with {status} {code}: {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stripe's error code, or the error's type where it has none.
        code: String,
        /// What Stripe says about it. For logs.
        message: String,
    },
    /// Nothing was done and it can be tried again later: a read that failed, or more requests than Stripe takes (429).
    #[error("the payment gateway can't be reached: {0}")]
    Unreachable(String),
    /// A write whose effect is not known: no answer, an answer that can't be read, or 5xx. Ask again with the same key, or read the
    /// object, before anything is concluded.
    #[error("the payment gateway gave no certain answer: {0}")]
    Unknown(String),
    /// The stack was deployed without an account at the gateway (docs/operations.md, "Payments gateway").
    #[error("payments are not set up")]
    NotSetUp,
    /// The key of the account can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl GatewayError {
    /// Whether the object does not exist at the gateway.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { code, status, .. } if code == "resource_missing" || *status == 404)
    }

    /// Whether the object's state does not allow the operation any more.
    pub fn is_wrong_state(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.ends_with("_unexpected_state"))
    }

    /// Whether asking again with the same key can help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unknown(_))
    }

    pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Self {
        Self::Refused { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// Reads the error body of an answer with a status of 4xx that is neither 409 nor 429.
    pub(crate) fn of_answer(status: u16, body: &[u8]) -> Self {
        let error = serde_json::from_slice::<Body>(body).map(|body| body.error).unwrap_or_default();
        let message = error.message.unwrap_or_default();
        let code = error.code.or_else(|| error.kind.clone()).unwrap_or_else(|| "unreadable".to_owned());
        if error.kind.as_deref() == Some("card_error") {
            return Self::Declined { code, reason: error.decline_code, message };
        }
        Self::Refused { status, code, message }
    }
}

/// An answer of 200 that can't be read says that something was done, but not what.
impl StripeClientErr for GatewayError {
    fn deserialize_err(msg: impl Display) -> Self {
        Self::Unknown(format!("unreadable answer: {msg}"))
    }
}

/// <https://docs.stripe.com/api/errors>
#[derive(Default, Deserialize)]
struct Body {
    error: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sorted_by_what_to_do() {
        let declined = br#"{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds","message":"No."}}"#;
        assert!(matches!(
            GatewayError::of_answer(402, declined),
            GatewayError::Declined { code, reason: Some(reason), message }
                if code == "card_declined" && reason == "insufficient_funds" && message == "No."
        ));
        let missing = br#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such intent"}}"#;
        assert!(GatewayError::of_answer(404, missing).is_missing());
        let state = br#"{"error":{"type":"invalid_request_error","code":"payment_intent_unexpected_state"}}"#;
        assert!(GatewayError::of_answer(400, state).is_wrong_state());
        assert!(matches!(
            GatewayError::of_answer(403, b"<html>"),
            GatewayError::Refused { status: 403, code, .. } if code == "unreadable"
        ));
    }
}
