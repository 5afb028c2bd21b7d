//! The keys of playback: read on first use, since most instances serve heartbeats before they sign a cookie, and kept parsed.

use std::sync::Arc;

use cloud::Secrets;
use http_kit::{ApiError, ApiResult, Platform};
use kernel::{ConfigError, Vars};
use tokio::sync::OnceCell;

use crate::{CookieSigner, refusal, token::TokenKey};

/// The key of tokens and the signer of cookies. Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    source: Source,
    key_pair_id: Option<String>,
    token: OnceCell<TokenKey>,
    signer: OnceCell<CookieSigner>,
}

enum Source {
    Given { token_secret: String, pem: Option<String> },
    Secrets { secrets: Secrets, token_arn: String, pem_arn: Option<String> },
}

const KEY_PAIR_ID: &str = "CLOUDFRONT_KEY_PAIR_ID";
const PRIVATE_KEY_ARN: &str = "CLOUDFRONT_PRIVATE_KEY_SECRET_ARN";

impl Keys {
    /// Keys in Secrets Manager.
    ///
    /// # Errors
    /// [`ConfigError`] when the token key's ARN is missing.
    pub fn from_env(vars: &Vars, secrets: Secrets) -> Result<Self, ConfigError> {
        let token_arn = vars.required("PLAYBACK_TOKEN_SECRET_ARN")?;
        let source = Source::Secrets { secrets, token_arn, pem_arn: vars.optional(PRIVATE_KEY_ARN) };
        Ok(Self::of(source, vars.optional(KEY_PAIR_ID)))
    }

    /// Given keys: the text of the token key, and key pair id and PEM of CloudFront's. Tests use this.
    pub fn given(token_secret: impl Into<String>, cookies: Option<(&str, &str)>) -> Self {
        let pem = cookies.map(|(_, pem)| pem.to_owned());
        Self::of(
            Source::Given { token_secret: token_secret.into(), pem },
            cookies.map(|(id, _)| id.to_owned()),
        )
    }

    fn of(source: Source, key_pair_id: Option<String>) -> Self {
        Self(Arc::new(Inner { source, key_pair_id, token: OnceCell::new(), signer: OnceCell::new() }))
    }

    /// The key of tokens.
    ///
    /// # Errors
    /// 500 when the secret can't be read.
    pub(crate) async fn token(&self) -> ApiResult<&TokenKey> {
        let read = async || match &self.0.source {
            Source::Given { token_secret, .. } => Ok::<_, ApiError>(TokenKey::new(token_secret)),
            Source::Secrets { secrets, token_arn, .. } => {
                Ok(TokenKey::new(secrets.text(token_arn).await?.expose()))
            }
        };
        self.0.token.get_or_try_init(read).await
    }

    /// The signer of cookies.
    ///
    /// # Errors
    /// 503 naming the settings that are missing; 500 when the secret can't be read.
    pub(crate) async fn signer(&self, platform: &Platform) -> ApiResult<&CookieSigner> {
        let inner = &self.0;
        let has_key = match &inner.source {
            Source::Given { pem, .. } => pem.is_some(),
            Source::Secrets { pem_arn, .. } => pem_arn.is_some(),
        };
        let settings = [
            ("PUBLIC_BASE_URL", !platform.public_base_url().is_empty()),
            (KEY_PAIR_ID, inner.key_pair_id.is_some()),
            (PRIVATE_KEY_ARN, has_key),
        ];
        let missing: Vec<_> = settings.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            return Err(refusal::not_configured(missing));
        }
        let read = async || {
            let pem = match &inner.source {
                Source::Given { pem, .. } => pem.clone().unwrap_or_default(),
                Source::Secrets { secrets, pem_arn, .. } => {
                    secrets.text(pem_arn.as_deref().unwrap_or_default()).await?.into_inner()
                }
            };
            CookieSigner::new(inner.key_pair_id.clone().unwrap_or_default(), &pem)
                .map_err(|error| refusal::not_configured(vec![PRIVATE_KEY_ARN]).because(error))
        };
        inner.signer.get_or_try_init(read).await
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}
