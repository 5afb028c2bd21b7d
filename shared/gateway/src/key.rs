//! Idempotency keys: the same key and parameters are the same operation, however often it is sent.
//! Stripe keeps a key for at least 24 hours: <https://docs.stripe.com/api/idempotent_requests>

use std::fmt;

/// The key of one operation. It must say which operation on which of our objects is meant, and nothing that changes between
/// two tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of `operation` on the object `id`, such as `Key::new("refund", refund.id)`.
    pub fn new(operation: &str, id: impl fmt::Display) -> Self {
        Self(format!("{operation}:{id}"))
    }

    /// The key of a part of this operation.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self(format!("{}:{name}", self.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
