//! What every API function has: storage, time, the keys that check access tokens, and the address under which it is reached.

use std::sync::Arc;

use cloud::{Cloud, Secrets};
use kernel::{Ambient, ConfigError, PlatformSecret, Secret, Vars, cursor::CursorKey};
use store::{Store, Table, Tables};
use tokio::sync::OnceCell;

use crate::{ApiError, access::AccessKeys};

/// Shared by all handlers of a function. Cheap to clone.
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    store: Store,
    ambient: Ambient,
    access: AccessKeys,
    public_base_url: String,
    /// What the distribution proves itself with; nothing is believed of it where this is empty.
    origin_verify: Secret<String>,
    secret: SecretSource,
    cursor_key: OnceCell<CursorKey>,
}

enum SecretSource {
    Given(PlatformSecret),
    /// Read on the first use: most requests need no derived key, and a cold start should not pay for one.
    Stored {
        secrets: Secrets,
        arn: String,
        read: OnceCell<PlatformSecret>,
    },
}

/// Why a function can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or malformed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A secret can't be read.
    #[error(transparent)]
    Secret(#[from] cloud::secrets::SecretError),
    /// Something else that the function needs is missing.
    #[error("{0}")]
    Other(String),
}

impl Platform {
    /// Reads the settings that all API functions share and opens the connection to DynamoDB. `tables` are those that the
    /// function uses besides identity, which each needs to check sessions.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub async fn from_env(vars: &Vars, cloud: &Cloud, tables: &[Table]) -> Result<Self, ConfigError> {
        let mut used = vec![Table::Identity];
        used.extend(tables.iter().filter(|table| **table != Table::Identity));
        let store = Store::new(cloud.dynamodb(vars), Tables::from_env(vars, &used)?);
        let access = AccessKeys::parse(&vars.required("JWT_PUBLIC_KEYS")?, vars.required("JWT_ISSUER")?)?;
        let secret = SecretSource::Stored {
            secrets: cloud.secrets(),
            arn: vars.required("PLATFORM_SECRET_ARN")?,
            read: OnceCell::new(),
        };
        let public_base_url = vars.optional("PUBLIC_BASE_URL").unwrap_or_default();
        let origin_verify = Secret::new(vars.optional("ORIGIN_VERIFY").unwrap_or_default());
        store.warm().await;
        Ok(Self::of(store, Ambient::system(), access, public_base_url, origin_verify, secret))
    }

    /// A platform from parts; tests use this.
    pub fn new(
        store: Store,
        ambient: Ambient,
        access: AccessKeys,
        public_base_url: impl Into<String>,
        secret: PlatformSecret,
    ) -> Self {
        let (nobody, secret) = (Secret::new(String::new()), SecretSource::Given(secret));
        Self::of(store, ambient, access, public_base_url.into(), nobody, secret)
    }

    /// The same behind a distribution that proves itself with `origin_verify`; tests use this.
    pub fn behind(
        store: Store,
        ambient: Ambient,
        access: AccessKeys,
        public_base_url: impl Into<String>,
        secret: PlatformSecret,
        origin_verify: Secret<String>,
    ) -> Self {
        let secret = SecretSource::Given(secret);
        Self::of(store, ambient, access, public_base_url.into(), origin_verify, secret)
    }

    fn of(
        store: Store,
        ambient: Ambient,
        access: AccessKeys,
        public_base_url: String,
        origin_verify: Secret<String>,
        secret: SecretSource,
    ) -> Self {
        let cursor_key = OnceCell::new();
        Self(Arc::new(Inner { store, ambient, access, public_base_url, origin_verify, secret, cursor_key }))
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Time and randomness.
    pub fn ambient(&self) -> &Ambient {
        &self.0.ambient
    }

    /// The keys that check access tokens.
    pub fn access(&self) -> &AccessKeys {
        &self.0.access
    }

    /// The address of the distribution, without a slash at its end; empty before the second step of the first deployment.
    pub fn public_base_url(&self) -> &str {
        &self.0.public_base_url
    }

    /// Whether this is what the distribution proves itself with: CloudFront adds it to each request as `x-origin-verify`.
    pub(crate) fn is_distribution(&self, proof: &str) -> bool {
        let expected = self.0.origin_verify.expose();
        !expected.is_empty() && expected == proof
    }

    /// Counts one use of `subject` and refuses it where there were more than `most` in this hour. One write.
    ///
    /// # Errors
    /// 429 with the seconds to the next hour.
    pub async fn throttle(&self, subject: &str, most: u32) -> Result<(), ApiError> {
        const WINDOW_SECONDS: i64 = 3600;
        let now = self.ambient().now();
        let hits = self.store().rates().hit(subject, now, WINDOW_SECONDS).await?;
        if hits <= most {
            return Ok(());
        }
        let left = WINDOW_SECONDS - now.as_second().rem_euclid(WINDOW_SECONDS);
        Err(ApiError::too_many_requests(u32::try_from(left).unwrap_or(3600)))
    }

    /// The key that signs cursors.
    ///
    /// # Errors
    /// 500 when the secret can't be read.
    pub async fn cursor_key(&self) -> Result<&CursorKey, ApiError> {
        let derive = async || self.derived_key("cursor").await.map(CursorKey::new);
        self.0.cursor_key.get_or_try_init(derive).await
    }

    /// The key for `purpose`, derived from the platform's one secret ([`PlatformSecret::derive`]). docs/architecture.md,
    /// "Keys", lists the purposes; a new use takes a new one.
    ///
    /// # Errors
    /// 500 when the secret can't be read or is too short.
    pub async fn derived_key(&self, purpose: &'static str) -> Result<Secret<[u8; 32]>, ApiError> {
        let secret = match &self.0.secret {
            SecretSource::Given(secret) => secret,
            SecretSource::Stored { secrets, arn, read } => {
                let read_once = async || {
                    PlatformSecret::new(secrets.text(arn).await?.expose()).map_err(ApiError::internal)
                };
                read.get_or_try_init(read_once).await?
            }
        };
        Ok(secret.derive(purpose))
    }
}
