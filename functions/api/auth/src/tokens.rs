//! Access tokens (JWT, RFC 9068, signed with Ed25519) and refresh tokens (random, stored hashed).

use http_kit::access::{ACCESS_TOKEN_LIFE, AUDIENCE, AccessClaims, TOKEN_TYPE};
use jws::{SignError, SignerError};
use kernel::{Ambient, Id, Secret, id::kinds, mac};
use sha2::{Digest, Sha256};

/// Signs access tokens.
pub struct Signer {
    key: jws::Signer,
    issuer: String,
}

impl Signer {
    /// A signer with the private key (PKCS 8 PEM), under the `kid` that its public half has in the key set.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn new(private_key: &str, public_keys: &str, issuer: impl Into<String>) -> Result<Self, SignerError> {
        Ok(Self { key: jws::Signer::new(private_key, public_keys)?, issuer: issuer.into() })
    }

    /// An access token for a session.
    ///
    /// # Errors
    /// When signing fails, which the library does not do with a good key.
    pub fn access_token(
        &self,
        ambient: &Ambient,
        user: Id<kinds::User>,
        session: Id<kinds::Session>,
    ) -> Result<Secret<String>, SignError> {
        let now = ambient.now();
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat: now.as_second(),
            exp: (now + ACCESS_TOKEN_LIFE).as_second(),
            jti: ambient.id(),
        };
        self.key.sign(TOKEN_TYPE, &claims).map(Secret::new)
    }
}

/// What the key that marks refresh tokens as ours is derived for.
pub const REFRESH_KEY: &str = "refresh-token";

/// A refresh token: the session's id, 256 random bits, and a code over both. One that we never made is told apart from one that was used:
/// only the latter is a replay, which ends the session.
pub struct RefreshToken {
    /// The session.
    pub session: Id<kinds::Session>,
    secret: String,
    text: Secret<String>,
}

impl RefreshToken {
    /// A new one for a session, under the key of [`REFRESH_KEY`].
    pub fn generate(ambient: &Ambient, key: &Secret<[u8; 32]>, session: Id<kinds::Session>) -> Self {
        let secret = ambient.token::<32>();
        let ours = format!("{session}.{secret}");
        let text = Secret::new(format!("{ours}.{}", mac::code(key, &ours)));
        Self { session, secret, text }
    }

    /// The token in a text; `None` when we did not make it.
    pub fn parse(text: &str, key: &Secret<[u8; 32]>) -> Option<Self> {
        let (ours, code) = text.rsplit_once('.')?;
        let (session, secret) = ours.split_once('.').filter(|_| mac::matches(key, ours, code))?;
        let text = Secret::new(text.to_owned());
        Some(Self { session: session.parse().ok()?, secret: secret.to_owned(), text })
    }

    /// The text that the client keeps.
    pub fn text(&self) -> Secret<String> {
        self.text.clone()
    }

    /// What is stored: SHA-256 in hexadecimal. A slow hash would add nothing to 256 random bits.
    pub fn hash(&self) -> String {
        Sha256::digest(self.secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
