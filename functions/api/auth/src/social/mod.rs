//! Logins of other providers: OpenID Connect's code flow with PKCE, by the crate `openidconnect`.
//!
//! Nothing here touches accounts: a provider is asked, and what comes of it is an [`Identity`]. What an identity may do is decided
//! by [`domain::identity::social`].

mod apple;
pub(crate) mod attempt;
pub mod config;
mod discovery;
pub(crate) mod exchange;

use std::{collections::BTreeMap, sync::Arc};

use cloud::{Cloud, Secrets, Web};
use http_kit::{ApiError, ApiResult};
use kernel::{ConfigError, Secret, Vars};
use tokio::sync::Mutex;

pub use config::ProviderConfig;
pub(crate) use exchange::Identity;

/// The providers of this deployment. Cheap to clone.
#[derive(Clone)]
pub struct Providers(Arc<Inner>);

struct Inner {
    all: Vec<Provider>,
    web: Web,
    secrets: ClientSecrets,
    /// Whether plain HTTP to this machine is allowed: the stand-in of the local stack.
    local: bool,
}

/// A provider, with what it has told of itself.
pub(crate) struct Provider {
    pub(crate) config: ProviderConfig,
    told: Mutex<Option<discovery::Told>>,
}

enum ClientSecrets {
    Given(BTreeMap<String, Secret<String>>),
    /// A secret that holds a JSON object of client secrets by the provider's id; read on the first login.
    Stored {
        secrets: Secrets,
        arn: String,
    },
}

/// Why a provider does not vouch for somebody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It can't be asked: it does not answer, answers what can't be understood, or does not know this deployment.
    #[error("the provider can't be asked: {0}")]
    Unavailable(String),
    /// It says no, or what it says does not hold.
    #[error("the provider does not vouch: {0}")]
    Refused(String),
}

impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        match &error {
            ProviderError::Unavailable(_) => Self::unavailable(
                "PROVIDER_UNAVAILABLE",
                "This login service can't be reached now. Try again in a minute, or log in with your password.",
            ),
            ProviderError::Refused(_) => Self::unauthorized(
                "SOCIAL_LOGIN_FAILED",
                "The login service did not confirm this login. Begin again.",
            ),
        }
        .because(error)
    }
}

impl Providers {
    /// The providers of `OIDC_PROVIDERS`, with their secrets in `OIDC_SECRETS_ARN`; none where the variable is empty.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(vars: &Vars, cloud: &Cloud) -> Result<Self, ConfigError> {
        let local = vars.optional("STAGE").as_deref() == Some("local");
        let all = config::parse(vars.optional("OIDC_PROVIDERS").as_deref().unwrap_or("[]"), local)?;
        if all.is_empty() {
            return Ok(Self::none());
        }
        let secrets =
            ClientSecrets::Stored { secrets: cloud.secrets(), arn: vars.required("OIDC_SECRETS_ARN")? };
        Ok(Self::of(all, secrets, local))
    }

    /// No providers.
    pub fn none() -> Self {
        Self::of(Vec::new(), ClientSecrets::Given(BTreeMap::new()), false)
    }

    /// Providers from parts; tests use this. Plain HTTP to this machine is allowed.
    pub fn new(
        all: Vec<ProviderConfig>,
        client_secrets: impl IntoIterator<Item = (String, Secret<String>)>,
    ) -> Self {
        Self::of(all, ClientSecrets::Given(client_secrets.into_iter().collect()), true)
    }

    fn of(all: Vec<ProviderConfig>, secrets: ClientSecrets, local: bool) -> Self {
        let all = all.into_iter().map(|config| Provider { config, told: Mutex::default() }).collect();
        Self(Arc::new(Inner { all, web: Web::default(), secrets, local }))
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ProviderConfig> {
        self.0.all.iter().map(|provider| &provider.config)
    }

    /// The provider with this id.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn get(&self, id: &str) -> ApiResult<&Provider> {
        self.0.all.iter().find(|provider| provider.config.id == id).ok_or_else(|| {
            let message = "This platform has no such login service. GET /auth/social/providers lists them.";
            ApiError::not_found("PROVIDER_NOT_FOUND", message)
        })
    }

    async fn client_secret(&self, id: &str) -> Result<Option<Secret<String>>, ProviderError> {
        match &self.0.secrets {
            ClientSecrets::Given(all) => Ok(all.get(id).cloned()),
            ClientSecrets::Stored { secrets, arn } => {
                let unreadable = |reason: &str| ProviderError::Unavailable(reason.to_owned());
                let text =
                    secrets.text(arn).await.map_err(|error| ProviderError::Unavailable(error.to_string()))?;
                let mut all: BTreeMap<String, Secret<String>> = serde_json::from_str(text.expose())
                    .map_err(|_| unreadable("OIDC_SECRETS_ARN holds no JSON object of client secrets"))?;
                Ok(all.remove(id).filter(|secret| !secret.expose().is_empty()))
            }
        }
    }
}
