//! The payment gateway: Stripe through async-stripe's request and answer types, cut down to what LearnFlow does with it. Callers see the
//! plain structs of this crate and never Stripe's types; amounts are minor units, currencies ISO 4217 codes in capitals.
//!
//! Every write takes an idempotency [`Key`]. A failure says what to do next, see [`GatewayError`].

mod balance;
mod browser;
mod cards;
mod client;
mod customers;
mod disputes;
mod error;
mod intents;
mod invoices;
mod key;
mod money;
mod plan_change;
mod plans;
mod refunds;
mod subscriptions;
pub mod webhook;

use cloud::Cloud;
use kernel::{ConfigError, Secret, Vars};

pub use balance::{BalanceRow, Page};
pub use browser::Browser;
pub use client::Patience;
pub use customers::{CustomerState, NewCustomer};
pub use disputes::{DisputeState, DisputeStatus};
pub use error::GatewayError;
pub use intents::{
    CardState, ChargeState, ChargeStatus, FeeState, IntentError, IntentState, IntentStatus, NewIntent,
};
pub use invoices::{InvoiceLine, InvoiceState, InvoiceStatus};
pub use key::Key;
pub use plan_change::{Change, PlanChange};
pub use plans::{Interval, NewPrice, NewProduct, PriceState};
pub use refunds::{NewRefund, RefundReason, RefundState, RefundStatus};
pub use subscriptions::{NewSubscription, SubscriptionState, SubscriptionStatus};
pub use webhook::{Event, EventKind, Subject, WebhookError, Webhooks};

use client::{Client, Source};

/// The gateway of one account. Cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub struct Gateway {
    client: Client,
}

impl Gateway {
    /// Reads where the API is (`STRIPE_API_BASE`, empty for Stripe's own) and which secret holds the account's key
    /// (`STRIPE_SECRET_KEY_ARN`, empty where payments are not set up). The secret itself is read with the first operation.
    ///
    /// # Errors
    /// [`ConfigError`] when the API is anywhere but behind TLS or on this machine.
    pub fn from_env(vars: &Vars, cloud: &Cloud) -> Result<Self, ConfigError> {
        let base = vars.optional("STRIPE_API_BASE");
        let trusted = ["https://", "http://127.0.0.1:", "http://localhost:"];
        if base.as_deref().is_some_and(|base| !trusted.iter().any(|start| base.starts_with(start))) {
            let reason = "it must begin with https://, or be on this machine".to_owned();
            return Err(ConfigError::Malformed { name: "STRIPE_API_BASE", reason });
        }
        let key = Source::named(vars.optional("STRIPE_SECRET_KEY_ARN"), cloud);
        Ok(Self { client: Client::new(base, key, Patience::default()) })
    }

    /// A gateway from parts; tests use this. `base` is the address without `/v1`, none for Stripe's own.
    pub fn new(base: Option<String>, secret_key: Secret<String>, patience: Patience) -> Self {
        Self { client: Client::new(base, Source::Given(secret_key), patience) }
    }
}

/// An object's id as the path of a request may carry it. Ids come from browsers too (`confirm-payment`), and `../` must not lead to
/// another operation.
fn checked(id: &str) -> Result<&str, GatewayError> {
    let fits =
        !id.is_empty() && id.len() <= 255 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits {
        Ok(id)
    } else {
        Err(GatewayError::Refused { status: 404, code: "resource_missing".into(), message: "no id".into() })
    }
}

/// Which references of the answer Stripe shall replace by the objects.
fn expand<const N: usize>(paths: [&str; N]) -> Vec<String> {
    paths.map(str::to_owned).to_vec()
}
