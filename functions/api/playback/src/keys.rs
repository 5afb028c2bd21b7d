//! The keys of playback: read on first use, since most instances serve heartbeats before they sign a cookie, and kept parsed.

use std::sync::Arc;

use cloud::Secrets;
use http_kit::{ApiResult, Platform};
use kernel::Vars;
use tokio::sync::OnceCell;

use crate::{
    CookieSigner, refusal,
    token::{Claims, Expected, TokenKey},
};

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
    Given { pem: Option<String> },
    Secrets { secrets: Secrets, pem_arn: Option<String> },
}

const KEY_PAIR_ID: &str = "CLOUDFRONT_KEY_PAIR_ID";
const PRIVATE_KEY_ARN: &str = "CLOUDFRONT_PRIVATE_KEY_SECRET_ARN";

impl Keys {
    /// CloudFront's key in Secrets Manager, if the deployment has one.
    pub fn from_env(vars: &Vars, secrets: Secrets) -> Self {
        let source = Source::Secrets { secrets, pem_arn: vars.optional(PRIVATE_KEY_ARN) };
        Self::of(source, vars.optional(KEY_PAIR_ID))
    }

    /// A given key: key pair id and PEM of CloudFront's. Tests use this.
    pub fn given(cookies: Option<(&str, &str)>) -> Self {
        let pem = cookies.map(|(_, pem)| pem.to_owned());
        Self::of(Source::Given { pem }, cookies.map(|(id, _)| id.to_owned()))
    }

    fn of(source: Source, key_pair_id: Option<String>) -> Self {
        Self(Arc::new(Inner { source, key_pair_id, token: OnceCell::new(), signer: OnceCell::new() }))
    }

    /// The key of tokens, derived from the platform's secret.
    ///
    /// # Errors
    /// 500 when the secret can't be read.
    pub(crate) async fn token(&self, platform: &Platform) -> ApiResult<&TokenKey> {
        let derive = async || Ok(TokenKey::new(&platform.derived_key("playback-token").await?));
        self.0.token.get_or_try_init(derive).await
    }

    /// The claims of a token that fits its request now.
    ///
    /// # Errors
    /// 401 with seed 002's code; 500 when the secret can't be read.
    pub(crate) async fn claims(&self, platform: &Platform, expected: &Expected<'_>) -> ApiResult<Claims> {
        let now = platform.ambient().clock.epoch_seconds();
        self.token(platform).await?.check(now, expected)
    }

    /// The signer of cookies.
    ///
    /// # Errors
    /// 503 naming the settings that are missing; 500 when the secret can't be read.
    pub(crate) async fn signer(&self, platform: &Platform) -> ApiResult<&CookieSigner> {
        let inner = &self.0;
        let has_key = match &inner.source {
            Source::Given { pem } => pem.is_some(),
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
                Source::Given { pem } => pem.clone().unwrap_or_default(),
                Source::Secrets { secrets, pem_arn } => {
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
