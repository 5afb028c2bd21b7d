//! The exchange with Stripe under the request types of async-stripe: our HTTP client with its TLS, time-outs, and a bounded number
//! of retries that carry the same idempotency key.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cloud::{Cloud, Secrets, Web, secrets::SecretError};
use http::{HeaderMap, HeaderValue, Method, header};
use kernel::Secret;
use miniserde::Deserialize;
use stripe_client_core::{
    CustomizedStripeRequest, IdempotencyKey, RequestBuilder, RequestStrategy, StripeClient, StripeMethod,
    StripeRequest, VERSION,
};
use tokio::time::Instant;

use crate::{GatewayError, Key};

/// Where Stripe's API is.
const STRIPE: &str = "https://api.stripe.com";
/// Largest answer that is read: a page of 100 invoices with their lines has some 700 KB.
const BODY_MAX: usize = 4 * 1024 * 1024;
/// Wait before the second and the third try. Stripe's own libraries wait from half a second on.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(900)];

/// How long operations may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// One try. Stripe answers most requests within a second; one that charges a card may take several.
    pub attempt: Duration,
    /// All tries and the waits between them: below the 29 seconds after which API Gateway gives up.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempt: Duration::from_secs(10), total: Duration::from_secs(20) }
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Given(Secret<String>),
    Stored {
        secrets: Secrets,
        arn: String,
    },
    /// The stack was deployed without an account at the gateway.
    Absent,
}

impl Source {
    /// The secret whose ARN a variable names. Empty means that there is none.
    pub(crate) fn named(arn: Option<String>, cloud: &Cloud) -> Self {
        arn.map_or(Self::Absent, |arn| Self::Stored { secrets: cloud.secrets(), arn })
    }

    /// The secret's text, none where there is none. Secrets Manager is asked once per instance of a function.
    pub(crate) async fn text(&self) -> Result<Option<Secret<String>>, SecretError> {
        match self {
            Self::Given(text) => Ok(Some(text.clone())),
            Self::Stored { secrets, arn } => secrets.text(arn).await.map(Some),
            Self::Absent => Ok(None),
        }
    }
}

/// Sends the requests of async-stripe.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    web: Web,
    base: Arc<str>,
    key: Source,
    patience: Patience,
}

impl Client {
    /// `base` without `/v1`; none for Stripe's own.
    pub(crate) fn new(base: Option<String>, key: Source, patience: Patience) -> Self {
        let base = base.unwrap_or_else(|| STRIPE.to_owned());
        let web = Web::with_limits(patience.attempt, BODY_MAX);
        Self { web, base: base.trim_end_matches('/').into(), key, patience }
    }

    /// A read: safe to repeat, so that no failure leaves anything open.
    pub(crate) async fn read<R>(&self, request: R) -> Result<R::Output, GatewayError>
    where
        R: StripeRequest<Output: Deserialize> + Send,
    {
        request.customize().send(self).await.map_err(|error| match error {
            GatewayError::Unknown(reason) => GatewayError::Unreachable(reason),
            other => other,
        })
    }

    /// A write under an idempotency key.
    pub(crate) async fn write<R>(&self, request: R, key: &Key) -> Result<R::Output, GatewayError>
    where
        R: StripeRequest<Output: Deserialize> + Send,
    {
        let key = IdempotencyKey::new(key.as_str())
            .map_err(|error| GatewayError::invalid("malformed_key", error.to_string()))?;
        request.customize().request_strategy(RequestStrategy::Idempotent(key)).send(self).await
    }
}

impl StripeClient for Client {
    type Err = GatewayError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, GatewayError> {
        let (request, config) = request.into_pieces();
        let key = config.request_strategy.and_then(|strategy| strategy.get_key());
        let exchange = self.prepare(request, key.as_ref().map(IdempotencyKey::as_str)).await?;
        let deadline = Instant::now() + self.patience.total;
        let mut pauses = PAUSES.iter();
        loop {
            let outcome = self.attempt(&exchange).await;
            let (Err(Failure { again: true, .. }), Some(pause)) = (&outcome, pauses.next()) else {
                return outcome.map_err(|failure| failure.error);
            };
            // A try that could not run to its end would only make the outcome less certain.
            if Instant::now() + *pause + self.patience.attempt > deadline {
                return outcome.map_err(|failure| failure.error);
            }
            tokio::time::sleep(*pause).await;
        }
    }
}

/// A request that can be sent several times.
struct Exchange {
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A try that failed.
struct Failure {
    error: GatewayError,
    /// Whether another try with the same key may succeed.
    again: bool,
}

impl Client {
    async fn prepare(&self, request: RequestBuilder, key: Option<&str>) -> Result<Exchange, GatewayError> {
        let RequestBuilder { query, body, path, method } = request;
        let query =
            query.filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
        let mut headers = HeaderMap::new();
        let secret = self.key.text().await?.ok_or(GatewayError::NotSetUp)?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {}", secret.expose().trim())).map_err(|_| {
                GatewayError::invalid(
                    "malformed_secret_key",
                    "the secret key of the account is no header value",
                )
            })?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        let version = HeaderValue::try_from(VERSION.to_string()).map_err(|error| invalid(&error))?;
        headers.insert("stripe-version", version);
        headers.insert(header::USER_AGENT, HeaderValue::from_static("LearnFlow"));
        if body.is_some() {
            headers
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        if let Some(key) = key {
            headers.insert("idempotency-key", HeaderValue::try_from(key).map_err(|error| invalid(&error))?);
        }
        let method = match method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let uri = format!("{}/v1{path}{query}", self.base);
        Ok(Exchange { method, uri, headers, body: body.unwrap_or_default().into_bytes() })
    }

    async fn attempt(&self, exchange: &Exchange) -> Result<Bytes, Failure> {
        let mut request = http::Request::builder().method(exchange.method.clone()).uri(&exchange.uri);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&exchange.headers);
        }
        let request = request
            .body(exchange.body.clone())
            .map_err(|error| Failure { error: invalid(&error), again: false })?;
        let answer = self.web.send(request).await.map_err(|error| {
            tracing::warn!(%error, "no answer of the payment gateway");
            Failure { error: GatewayError::Unknown(error.to_string()), again: true }
        })?;
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            return Ok(Bytes::from(answer.into_body()));
        }
        let request_id = header_text(answer.headers(), "request-id");
        let asked =
            header_text(answer.headers(), "stripe-should-retry").and_then(|text| text.parse::<bool>().ok());
        let (error, transient) = match status {
            // Another request with this key is at work, or the object is locked (https://docs.stripe.com/error-low-level).
            409 => (GatewayError::Unknown("another request is at work on it".into()), true),
            429 => (GatewayError::Unreachable("too many requests".into()), true),
            500.. => (GatewayError::Unknown(format!("status {status}")), true),
            _ => (GatewayError::of_answer(status, answer.body()), false),
        };
        tracing::warn!(status, request_id, %error, "the payment gateway refused");
        Err(Failure { error, again: asked.unwrap_or(transient) })
    }
}

fn invalid(error: &dyn std::error::Error) -> GatewayError {
    GatewayError::invalid("malformed_request", error.to_string())
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
