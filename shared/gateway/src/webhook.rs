//! Events of the gateway: whether they are the gateway's, and what of them LearnFlow reads.
//!
//! An event only says that something happened. What is true now is read from the gateway's object, since events come late, twice and
//! in any order.

use std::collections::BTreeMap;

use cloud::{Cloud, secrets::SecretError};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac as _};
use kernel::{Secret, Timestamp, Vars};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use crate::client::Source;

/// How old a signature may be, and how far ahead of our clock: <https://docs.stripe.com/webhooks/signature>.
pub const TOLERANCE_SECONDS: i64 = 300;
/// Signatures of one header that are tried. Stripe sends one per secret of the endpoint, and while a secret is replaced there are two.
const SIGNATURES_MAX: usize = 8;

/// Why an event is not taken. All but [`WebhookError::NotSetUp`] and [`WebhookError::Secret`], which are ours, are answered with 400.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The header `Stripe-Signature` is missing or is no such header.
    #[error("the signature header can't be read")]
    Header,
    /// No signature fits the body.
    #[error("no signature fits")]
    Signature,
    /// The signature is older than 300 seconds, or from later than in 300 seconds.
    #[error("the signature is not of now")]
    Stale,
    /// It is signed, but no event.
    #[error("the body is no event")]
    Body(#[source] serde_json::Error),
    /// The stack was deployed without the endpoint's secret (docs/operations.md, "Payments gateway").
    #[error("payments are not set up")]
    NotSetUp,
    /// The endpoint's secret can't be read; the gateway sends the event again.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// What checks events.
#[derive(Clone, Debug)]
pub struct Webhooks {
    secret: Source,
}

impl Webhooks {
    /// Reads which secret holds the endpoint's signing secret (`STRIPE_WEBHOOK_SECRET_ARN`, empty where payments are not set up). The
    /// secret itself is read with the first event.
    pub fn from_env(vars: &Vars, cloud: &Cloud) -> Self {
        Self { secret: Source::named(vars.optional("STRIPE_WEBHOOK_SECRET_ARN"), cloud) }
    }

    /// For tests.
    pub fn new(secret: Secret<String>) -> Self {
        Self { secret: Source::Given(secret) }
    }

    /// Checks the signature over the body as it came, byte for byte, and reads the event. `header` is `Stripe-Signature`.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn open(&self, body: &[u8], header: &str, now: Timestamp) -> Result<Event, WebhookError> {
        let secret = self.secret.text().await?.ok_or(WebhookError::NotSetUp)?;
        check(body, header, &secret, now)?;
        Event::parse(body)
    }
}

/// Whether one of the header's `v1` signatures is the HMAC-SHA-256 of `timestamp.body` under the secret, and of now.
///
/// # Errors
/// [`WebhookError::Header`], [`WebhookError::Signature`], [`WebhookError::Stale`].
pub fn check(body: &[u8], header: &str, secret: &Secret<String>, now: Timestamp) -> Result<(), WebhookError> {
    let mut timestamp = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) if timestamp.is_none() => timestamp = Some(value),
            Some(("t", _)) => return Err(WebhookError::Header),
            Some(("v1", value)) => signatures.push(value),
            // v0 is a scheme of test mode that proves nothing.
            _ => (),
        }
    }
    let timestamp = timestamp.filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let timestamp = timestamp.ok_or(WebhookError::Header)?;
    let seconds: i64 = timestamp.parse().map_err(|_| WebhookError::Header)?;
    if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
        return Err(WebhookError::Header);
    }
    // The signature first: who can't sign learns nothing about our clock.
    let fits = signatures.iter().any(|signature| {
        let Ok(code) = HEXLOWER.decode(signature.as_bytes()) else { return false };
        // Compares in constant time.
        mac(secret, timestamp, body).is_some_and(|mac| mac.verify_slice(&code).is_ok())
    });
    if !fits {
        return Err(WebhookError::Signature);
    }
    if now.as_second().abs_diff(seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(WebhookError::Stale);
    }
    Ok(())
}

/// HMAC takes a key of any length (RFC 2104, 2), so there is always one. An empty secret signs nothing: it would be a template that
/// was deployed without one.
fn mac(secret: &Secret<String>, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let key = secret.expose().trim();
    if key.is_empty() {
        return None;
    }
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    Some(mac.chain_update(timestamp).chain_update(b".").chain_update(body))
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// `payment_intent.succeeded`
    IntentSucceeded,
    /// `payment_intent.payment_failed`
    IntentFailed,
    /// `payment_intent.canceled`
    IntentCancelled,
    /// `charge.refunded`
    ChargeRefunded,
    /// `refund.created`, `refund.updated`, `refund.failed`, `charge.refund.updated`
    Refund,
    /// `charge.dispute.created`
    DisputeCreated,
    /// `charge.dispute.closed`
    DisputeClosed,
    /// The other events of disputes: `updated`, `funds_withdrawn`, `funds_reinstated`
    DisputeChanged,
    /// `invoice.paid`
    InvoicePaid,
    /// `invoice.payment_failed`
    InvoiceFailed,
    /// `customer.subscription.created`, `updated`, `paused`, `resumed`
    SubscriptionChanged,
    /// `customer.subscription.deleted`
    SubscriptionEnded,
    /// `setup_intent.succeeded`
    CardGiven,
    /// Anything else. Taken and left alone.
    Other,
}

impl EventKind {
    fn of(name: &str) -> Self {
        match name {
            "payment_intent.succeeded" => Self::IntentSucceeded,
            "payment_intent.payment_failed" => Self::IntentFailed,
            "payment_intent.canceled" => Self::IntentCancelled,
            "charge.refunded" => Self::ChargeRefunded,
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => Self::Refund,
            "charge.dispute.created" => Self::DisputeCreated,
            "charge.dispute.closed" => Self::DisputeClosed,
            "charge.dispute.updated"
            | "charge.dispute.funds_withdrawn"
            | "charge.dispute.funds_reinstated" => Self::DisputeChanged,
            "invoice.paid" => Self::InvoicePaid,
            "invoice.payment_failed" => Self::InvoiceFailed,
            "customer.subscription.created"
            | "customer.subscription.updated"
            | "customer.subscription.paused"
            | "customer.subscription.resumed" => Self::SubscriptionChanged,
            "customer.subscription.deleted" => Self::SubscriptionEnded,
            "setup_intent.succeeded" => Self::CardGiven,
            _ => Self::Other,
        }
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`; the same in each delivery.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// The gateway's name of it.
    pub name: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Whether real money moved.
    pub livemode: bool,
    /// What it happened to.
    pub subject: Subject,
}

/// The object of an event as it was then, as far as it leads to our objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its id.
    pub id: String,
    /// `payment_intent`, `charge`, `refund`, `dispute`, `invoice`, `subscription`, …
    pub object: String,
    /// Its own id for an intent, else the intent that it belongs to.
    pub intent: Option<String>,
    /// Its own id for a charge, else the charge that it belongs to.
    pub charge: Option<String>,
    /// Its own id for a subscription, else the subscription that it belongs to.
    pub subscription: Option<String>,
    /// `cus_…`
    pub customer: Option<String>,
    /// The status that it had.
    pub status: Option<String>,
    /// Minor units.
    pub minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What we kept with it.
    pub metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawEvent {
    id: String,
    #[serde(rename = "type")]
    name: String,
    created: i64,
    #[serde(default)]
    livemode: bool,
    data: RawData,
}

#[derive(Deserialize)]
struct RawData {
    object: RawObject,
}

/// All but the name of the object is lenient: an event of a kind that we don't know must be taken too, else the gateway sends it for
/// three days and then turns the endpoint off.
#[derive(Deserialize)]
struct RawObject {
    #[serde(default)]
    id: String,
    object: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl Event {
    /// Reads an event whose signature fits.
    ///
    /// # Errors
    /// [`WebhookError::Body`].
    pub fn parse(body: &[u8]) -> Result<Self, WebhookError> {
        let RawEvent { id, name, created, livemode, data } =
            serde_json::from_slice(body).map_err(WebhookError::Body)?;
        let kind = EventKind::of(&name);
        Ok(Self { id, kind, name, created, livemode, subject: Subject::of(data.object) })
    }
}

impl Subject {
    fn of(RawObject { id, object, rest }: RawObject) -> Self {
        let text = |name: &str| rest.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let reference = |name: &str, own: &str| {
            if object == own { Some(id.clone()) } else { rest.get(name).and_then(id_of) }
        };
        // Since 2025-03-31 ("basil") an invoice names its subscription in its parent.
        let parent = rest
            .get("parent")
            .and_then(|parent| parent.pointer("/subscription_details/subscription"))
            .and_then(id_of);
        let metadata = rest.get("metadata").and_then(Value::as_object).into_iter().flatten();
        Self {
            intent: reference("payment_intent", "payment_intent"),
            charge: reference("charge", "charge"),
            subscription: reference("subscription", "subscription").or(parent),
            customer: rest.get("customer").and_then(id_of),
            status: text("status"),
            minor: rest.get("amount").or_else(|| rest.get("amount_paid")).and_then(Value::as_i64),
            currency: text("currency").map(|code| code.to_ascii_uppercase()),
            metadata: metadata
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect(),
            id,
            object,
        }
    }
}

/// The id of a reference, which may be given as the whole object.
fn id_of(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get("id")?.as_str()).map(ToOwned::to_owned)
}
