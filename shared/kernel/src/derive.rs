//! One secret of the platform, and a key derived from it for each purpose: no key is used for two things, and
//! no key tells anything of the secret or of another key (RFC 5869, 2.3, does the same with its `info`).

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Secret;

/// Characters that the secret must have. The template has 64 alphanumeric ones generated, 381 bits.
const MIN_CHARACTERS: usize = 32;

/// The secret is too short to be one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the platform secret must have at least {MIN_CHARACTERS} characters")]
pub struct WeakSecret;

/// The secret from which keys are derived.
#[derive(Clone)]
pub struct PlatformSecret(Hmac<Sha256>);

impl PlatformSecret {
    /// Takes the secret's text.
    ///
    /// # Errors
    /// [`WeakSecret`] when it has fewer than 32 characters: an empty value must not become a key that anyone can guess.
    pub fn new(text: &str) -> Result<Self, WeakSecret> {
        if text.len() < MIN_CHARACTERS {
            return Err(WeakSecret);
        }
        Hmac::new_from_slice(text.as_bytes()).map(Self).map_err(|_| WeakSecret)
    }

    /// The key for `purpose`: HMAC-SHA-256 of it under the secret. The same purpose always gives the same key.
    pub fn derive(&self, purpose: &'static str) -> Secret<[u8; 32]> {
        Secret::new(self.0.clone().chain_update(purpose).finalize().into_bytes().into())
    }
}

impl std::fmt::Debug for PlatformSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_and_each_secret_has_its_own_key() {
        let secret = PlatformSecret::new(&"a".repeat(64)).unwrap();
        let other = PlatformSecret::new(&"b".repeat(64)).unwrap();
        let key = secret.derive("cursor");
        assert_eq!(key, secret.derive("cursor"));
        assert_ne!(key, secret.derive("playback-token"));
        assert_ne!(key, other.derive("cursor"));
    }

    #[test]
    fn a_key_is_the_hmac_that_other_tools_compute() {
        // printf cursor | openssl dgst -sha256 -hmac "$(printf 'a%.0s' $(seq 64))"
        let key = PlatformSecret::new(&"a".repeat(64)).unwrap().derive("cursor");
        let hex: String = key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5f6f8a5d4a6774b2645886df41ab4eadcf79d4af7d16f1e38be4b9b90e95fc50");
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(PlatformSecret::new(&"a".repeat(MIN_CHARACTERS)).is_ok());
        for text in ["", &"a".repeat(MIN_CHARACTERS - 1)] {
            assert_eq!(PlatformSecret::new(text).unwrap_err(), WeakSecret);
        }
    }
}
