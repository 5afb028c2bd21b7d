//! Errors in Stripe's form: <https://docs.stripe.com/api/errors>.

use serde_json::{Value, json};

/// What a request is answered with when it fails.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// The `error` object.
    pub error: Value,
}

impl ApiError {
    fn invalid(status: u16, code: Option<&str>, message: String, param: Option<&str>) -> Self {
        Self {
            status,
            error: json!({"type": "invalid_request_error", "code": code, "message": message, "param": param}),
        }
    }

    /// A parameter is wrong.
    pub fn parameter(code: &str, name: &str, message: &str) -> Self {
        Self::invalid(400, Some(code), format!("{message}: {name}"), Some(name))
    }

    /// There is no such object.
    pub fn missing(object: &str, id: &str) -> Self {
        Self::invalid(404, Some("resource_missing"), format!("No such {object}: '{id}'"), Some("id"))
    }

    /// The object's state does not allow it.
    pub fn refused(code: Option<&str>, message: impl Into<String>) -> Self {
        Self::invalid(400, code, message.into(), None)
    }

    /// The key is missing or wrong.
    pub fn unauthorized() -> Self {
        Self::invalid(401, None, "Invalid API Key provided".into(), None)
    }

    /// The card was declined. `intent` is the payment as it is now.
    pub fn declined(code: &str, decline_code: Option<&str>, message: &str) -> Self {
        let error =
            json!({"type": "card_error", "code": code, "decline_code": decline_code, "message": message});
        Self { status: 402, error }
    }

    /// An idempotency key was used with other parameters.
    pub fn key_reused() -> Self {
        let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        Self { status: 400, error: json!({"type": "idempotency_error", "message": message}) }
    }

    /// A request with this idempotency key is at work.
    pub fn key_in_use() -> Self {
        let message = "There is currently another in-progress request using this idempotent key.";
        Self {
            status: 409,
            error: json!({"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": message}),
        }
    }

    /// More requests than are taken.
    pub fn too_many() -> Self {
        Self {
            status: 429,
            error: json!({"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests"}),
        }
    }

    /// Something broke.
    pub fn internal() -> Self {
        Self { status: 500, error: json!({"type": "api_error", "message": "An unknown error occurred"}) }
    }

    /// Stripe keeps the answer of whatever began to be worked on, errors too; what was refused before is free to be tried again with the
    /// same key (<https://docs.stripe.com/api/idempotent_requests>).
    pub fn is_kept(&self) -> bool {
        self.status == 402 || self.status >= 500
    }

    /// The body.
    pub fn body(&self) -> Value {
        json!({"error": self.error})
    }
}
