//! What a provider tells of itself: endpoints and keys (OpenID Connect Discovery 1.0). Kept by each instance for as long as the
//! provider allows.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use cloud::{Web, web::WebError};
use http::header::CACHE_CONTROL;
use kernel::{SignedDuration, Timestamp};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata,
    TokenUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};

use super::{Provider, ProviderError, Providers, config::is_safe};

/// How long it is kept where the provider does not say.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Shortest and longest time that it is kept, whatever the provider says.
const KEPT_BOUNDS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(5), SignedDuration::from_hours(24));
/// A token of an unknown key makes it read anew, but not more often than this: anyone can name an unknown key.
const RENEWED_AT_MOST: SignedDuration = SignedDuration::from_mins(1);

/// The discovery document, with the keys that it points to.
pub(super) type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What the library does not read of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct MoreMetadata {
    /// Whether it names itself when the browser comes back (RFC 9207, 3).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for MoreMetadata {}

/// What a provider has told, and until when it holds.
pub(super) struct Told {
    metadata: Arc<Metadata>,
    at: Timestamp,
    until: Timestamp,
}

impl Providers {
    /// What the provider tells of itself. `renew` asks again even where it still holds, for a token whose key is not among
    /// those known.
    pub(super) async fn metadata(
        &self,
        provider: &Provider,
        now: Timestamp,
        renew: bool,
    ) -> Result<Arc<Metadata>, ProviderError> {
        // Held across the calls on purpose: concurrent first uses then ask once.
        let mut told = provider.told.lock().await;
        if let Some(told) = &*told {
            let holds = told.until > now;
            let renewed_just_now = now.duration_since(told.at) < RENEWED_AT_MOST;
            if holds && (!renew || renewed_just_now) {
                return Ok(told.metadata.clone());
            }
        }
        let (metadata, kept) = self.ask(provider).await?;
        let metadata = Arc::new(metadata);
        *told = Some(Told { metadata: metadata.clone(), at: now, until: now + kept });
        Ok(metadata)
    }

    async fn ask(&self, provider: &Provider) -> Result<(Metadata, SignedDuration), ProviderError> {
        let unavailable = |reason: String| ProviderError::Unavailable(reason);
        let config = &provider.config;
        let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|error| unavailable(error.to_string()))?;
        let host = Host::new(&self.0.web);
        // The library checks that the document's issuer is the configured one.
        let mut metadata =
            Metadata::discover_async(issuer, &host).await.map_err(|error| unavailable(chain(&error)))?;
        if let Some(endpoint) = &config.token_endpoint {
            let endpoint = TokenUrl::new(endpoint.clone()).map_err(|error| unavailable(error.to_string()))?;
            metadata = metadata.set_token_endpoint(Some(endpoint));
        }
        let token_endpoint = metadata
            .token_endpoint()
            .ok_or_else(|| unavailable("it names no token endpoint: configure `token_endpoint`".into()))?;
        for url in [metadata.authorization_endpoint().url(), token_endpoint.url(), metadata.jwks_uri().url()]
        {
            if !is_safe(url, self.0.local) {
                return Err(unavailable(format!("{url} is not an https address")));
            }
        }
        let kept = host.may_be_kept().unwrap_or(KEPT);
        Ok((metadata, kept.clamp(KEPT_BOUNDS.0, KEPT_BOUNDS.1)))
    }
}

/// A provider's host, as the library asks it; notes how long its answers may be kept.
pub(super) struct Host {
    web: Web,
    kept: Mutex<Option<SignedDuration>>,
}

impl Host {
    pub(super) fn new(web: &Web) -> Self {
        Self { web: web.clone(), kept: Mutex::default() }
    }

    /// The shortest time for which one of the answers so far may be kept, where one says so.
    fn may_be_kept(&self) -> Option<SignedDuration> {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, WebError> {
        let answer = self.web.send(request).await?;
        let age = answer.headers().get(CACHE_CONTROL).and_then(|value| max_age(value.to_str().ok()?));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = [*kept, age].into_iter().flatten().min();
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Host {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WebError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// The `max-age` of a Cache-Control header (RFC 9111, 5.2.2.1).
fn max_age(header: &str) -> Option<SignedDuration> {
    let mut directives = header.split(',').map(|directive| directive.trim().to_ascii_lowercase());
    let seconds = directives.find_map(|directive| directive.strip_prefix("max-age=")?.parse::<u32>().ok())?;
    Some(SignedDuration::from_secs(seconds.into()))
}

/// An error with all that led to it. Only of requests that carry nothing personal.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_found_among_other_directives() {
        assert_eq!(max_age("public, Max-Age=19942, must-revalidate"), Some(SignedDuration::from_secs(19942)));
        assert_eq!(max_age("no-store"), None);
        assert_eq!(max_age("s-maxage=5"), None);
        assert_eq!(max_age("max-age=soon"), None);
    }
}
