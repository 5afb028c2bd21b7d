//! From a code to an identity: the token request, and the checks of the ID token (OpenID Connect Core 1.0, 3.1.3.7).

use domain::identity::social::names;
use kernel::{Secret, Timestamp};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdToken, IdTokenClaims, IdTokenFields, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
        CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    Provider, ProviderError, Providers, apple,
    attempt::Attempt,
    config::{ClientAuthentication, ResponseMode},
    discovery::{Host, Metadata},
};

/// Difference of clocks that is tolerated, in seconds.
const LEEWAY_SECONDS: i64 = 60;
/// Longest `sub` (OpenID Connect Core 1.0, 2).
const SUBJECT_MAX: usize = 255;

/// Signatures that are believed. Only those that need the provider's private key: an HMAC by the client secret could be made by
/// whoever learns it, and `none` by anyone.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A claim that the library does not read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct MoreClaims {
    /// The domain that Google hosts for the account.
    #[serde(default)]
    hd: Option<String>,
}

impl AdditionalClaims for MoreClaims {}

type Claims = IdTokenClaims<MoreClaims, CoreGenderClaim>;
type Token = IdToken<MoreClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<
    MoreClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type TokenError = StandardErrorResponse<CoreErrorResponseType>;
type OidcClient = Client<
    MoreClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenError,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Whom a provider vouches for.
pub(crate) struct Identity {
    /// Who vouches.
    pub(crate) issuer: String,
    /// The person there.
    pub(crate) subject: Secret<String>,
    /// His address, where the provider tells one that can be one.
    pub(crate) email: Option<Secret<String>>,
    /// Whether the provider is to be believed that the address is his.
    pub(crate) email_proven: bool,
    /// Given name.
    pub(crate) first_name: Secret<String>,
    /// Family name.
    pub(crate) last_name: Secret<String>,
    /// The provider's tokens, as JSON.
    pub(crate) tokens: Secret<String>,
}

/// What is kept of the provider's answer (seed 003, SocialAuth).
#[derive(Serialize)]
struct KeptTokens<'a> {
    access_token: &'a str,
    refresh_token: Option<&'a str>,
    expires_at: Option<Timestamp>,
}

/// What a browser brings back.
pub(crate) struct Returned<'a> {
    /// The authorization code.
    pub(crate) code: &'a Secret<String>,
    /// Who answers (RFC 9207), where he says so.
    pub(crate) issuer: Option<&'a str>,
    /// A name that came beside the ID token, as Apple's does: shown, never believed.
    pub(crate) name: (Option<&'a str>, Option<&'a str>),
}

impl Providers {
    /// The address at the provider to which the browser goes.
    pub(crate) async fn authorization_url(
        &self,
        provider: &Provider,
        attempt: &Attempt,
        base: &str,
        now: Timestamp,
    ) -> Result<String, ProviderError> {
        let metadata = self.metadata(provider, now, false).await?;
        let client = client(provider, &metadata, None, base)?;
        let verifier = PkceCodeVerifier::new(attempt.verifier());
        let (state, nonce) = (attempt.state().to_owned(), attempt.nonce());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(provider.config.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if provider.config.response_mode == ResponseMode::FormPost {
            request = request.add_extra_param("response_mode", "form_post");
        }
        let (url, _, _) = request.url();
        Ok(url.into())
    }

    /// Redeems the code and checks the ID token.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub(crate) async fn identity(
        &self,
        provider: &Provider,
        attempt: &Attempt,
        returned: Returned<'_>,
        base: &str,
        now: Timestamp,
    ) -> Result<Identity, ProviderError> {
        let metadata = self.metadata(provider, now, false).await?;
        check_answering_issuer(&metadata, returned.issuer)?;
        let secret = self.credential(provider, now).await?;
        let client = client(provider, &metadata, secret, base)?;
        let tokens = self.redeem(&client, attempt, returned.code).await?;
        let token = tokens
            .extra_fields()
            .id_token()
            .ok_or_else(|| ProviderError::Refused("the answer holds no ID token".into()))?;
        let nonce = Nonce::new(attempt.nonce());
        let claims = match verify(token, &tokens, &metadata, provider, &nonce, now) {
            // Keys change: read them anew, once.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let metadata = self.metadata(provider, now, true).await?;
                verify(token, &tokens, &metadata, provider, &nonce, now)
            }
            verdict => verdict,
        };
        let claims = claims.map_err(|error| ProviderError::Refused(error.to_string()))?;
        identity(provider, &claims, &tokens, returned.name, now)
    }

    /// The client secret, or the one that Apple's key signs now.
    async fn credential(
        &self,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<Option<ClientSecret>, ProviderError> {
        let config = &provider.config;
        let secret = self.client_secret(&config.id).await?;
        let secret = match (&config.apple, secret) {
            (None, secret) => secret.map(Secret::into_inner),
            (Some(key), Some(p8)) => {
                let signed = apple::client_secret(key, &config.client_id, &p8, now);
                Some(signed.map_err(|_| ProviderError::Unavailable("Apple's key can't be read".into()))?)
            }
            (Some(_), None) => return Err(ProviderError::Unavailable("Apple's key is missing".into())),
        };
        Ok(secret.map(ClientSecret::new))
    }

    async fn redeem(
        &self,
        client: &OidcClient,
        attempt: &Attempt,
        code: &Secret<String>,
    ) -> Result<Tokens, ProviderError> {
        let request = client
            .exchange_code(AuthorizationCode::new(code.expose().clone()))
            .map_err(|error| ProviderError::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier()));
        let host = Host::new(&self.0.web);
        // The texts of these errors are of our own making: an answer of the provider could hold a token.
        request.request_async(&host).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => match answer.error() {
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                    ProviderError::Unavailable("it does not know our client id or secret".into())
                }
                reason => ProviderError::Refused(format!("the token endpoint says {}", reason.as_ref())),
            },
            RequestTokenError::Request(error) => ProviderError::Unavailable(error.to_string()),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                ProviderError::Unavailable("the token endpoint's answer can't be read".into())
            }
        })
    }
}

fn client(
    provider: &Provider,
    metadata: &Metadata,
    secret: Option<ClientSecret>,
    base: &str,
) -> Result<OidcClient, ProviderError> {
    let config = &provider.config;
    // Each provider has an address of its own to come back to: what one of them answers is never taken for another's answer
    // (RFC 9700, 4.4).
    let back = match config.response_mode {
        ResponseMode::Query => format!("{base}/login/callback/{}", config.id),
        ResponseMode::FormPost => format!("{base}/api/v1/auth/social/{}/callback", config.id),
    };
    let back = RedirectUrl::new(back)
        .map_err(|_| ProviderError::Unavailable("PUBLIC_BASE_URL is not set: deploy a second time".into()))?;
    let authentication = config.client_authentication.unwrap_or_else(|| {
        // Without a word about it, it is basic (OpenID Connect Discovery 1.0, 3).
        let offered = metadata.token_endpoint_auth_methods_supported();
        let basic = offered.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        if basic { ClientAuthentication::Basic } else { ClientAuthentication::Post }
    });
    let authentication = match authentication {
        ClientAuthentication::Basic => AuthType::BasicAuth,
        ClientAuthentication::Post => AuthType::RequestBody,
    };
    let client_id = ClientId::new(config.client_id.clone());
    let client = OidcClient::from_provider_metadata(metadata.clone(), client_id, secret);
    Ok(client.set_redirect_uri(back).set_auth_type(authentication))
}

/// RFC 9207, 2.4: a provider that names itself must name itself rightly, and always.
fn check_answering_issuer(metadata: &Metadata, named: Option<&str>) -> Result<(), ProviderError> {
    let promised = metadata.additional_metadata().authorization_response_iss_parameter_supported;
    match named {
        Some(issuer) if issuer == metadata.issuer().as_str() => Ok(()),
        None if !promised => Ok(()),
        Some(_) => Err(ProviderError::Refused("another issuer has answered".into())),
        None => Err(ProviderError::Refused("the answer does not name its issuer".into())),
    }
}

/// The claims of an ID token that was made for this deployment, this attempt and now.
fn verify(
    token: &Token,
    tokens: &Tokens,
    metadata: &Metadata,
    provider: &Provider,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<Claims, ClaimsVerificationError> {
    let other = |reason: &str| ClaimsVerificationError::Other(reason.to_owned());
    let time = chrono::DateTime::from_timestamp(now.as_second() - LEEWAY_SECONDS, 0);
    let time = time.ok_or_else(|| other("the clock is out of range"))?;
    let verifier = openidconnect::IdTokenVerifier::new_public_client(
        ClientId::new(provider.config.client_id.clone()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || time)
    .set_issue_time_verifier_fn(move |issued| {
        let early = issued.timestamp() > now.as_second() + LEEWAY_SECONDS;
        if early { Err("the token is issued in the future".into()) } else { Ok(()) }
    });
    let claims = token.claims(&verifier, nonce)?;
    if claims.authorized_party().is_some_and(|party| **party != provider.config.client_id) {
        return Err(ClaimsVerificationError::InvalidAudience("it is another client's (azp)".into()));
    }
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(ClaimsVerificationError::SignatureVerification)?;
        let key = token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
        if !actual.is_ok_and(|actual| actual == *expected) {
            return Err(other("the access token is not the ID token's (at_hash)"));
        }
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > SUBJECT_MAX {
        return Err(ClaimsVerificationError::InvalidSubject("it is empty or too long".into()));
    }
    Ok(claims.clone())
}

fn identity(
    provider: &Provider,
    claims: &Claims,
    tokens: &Tokens,
    told_name: (Option<&str>, Option<&str>),
    now: Timestamp,
) -> Result<Identity, ProviderError> {
    let email = claims.email().map(|email| email.as_str().trim());
    let email = email.filter(|email| email.len() <= 254 && garde::rules::email::apply(email, ()).is_ok());
    let verified = claims.email_verified().unwrap_or(false);
    let hosted = claims.additional_claims().hd.as_deref();
    let email_proven = email.is_some_and(|email| provider.config.authority.proves(email, verified, hosted));
    let given = claims.given_name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let family = claims.family_name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let full = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let (first_name, last_name) =
        names(given.or(told_name.0), family.or(told_name.1), full, email.unwrap_or_default());
    let kept = KeptTokens {
        access_token: tokens.access_token().secret(),
        refresh_token: tokens.refresh_token().map(|token| token.secret().as_str()),
        expires_at: tokens.expires_in().and_then(|life| now.checked_add(life).ok()),
    };
    let kept = serde_json::to_string(&kept).map_err(|error| ProviderError::Unavailable(error.to_string()))?;
    Ok(Identity {
        issuer: claims.issuer().as_str().to_owned(),
        subject: Secret::new(claims.subject().as_str().to_owned()),
        email: email.map(|email| Secret::new(email.to_owned())),
        email_proven,
        first_name: Secret::new(first_name),
        last_name: Secret::new(last_name),
        tokens: Secret::new(kept),
    })
}
