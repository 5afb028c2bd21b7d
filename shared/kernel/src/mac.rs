//! Codes that prove that a text was written by us: HMAC-SHA-256 under a derived key, as unpadded base64url.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Secret;

/// HMAC takes a key of any length (RFC 2104, 2), so there is always one.
fn hmac(key: &Secret<[u8; 32]>, text: &str) -> Option<Hmac<Sha256>> {
    Hmac::<Sha256>::new_from_slice(key.expose()).ok().map(|mac| mac.chain_update(text))
}

/// The code of a text: 43 characters.
pub fn code(key: &Secret<[u8; 32]>, text: &str) -> String {
    hmac(key, text).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// Whether `code` is the text's, compared without an early exit.
pub fn matches(key: &Secret<[u8; 32]>, text: &str, code: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(code) else { return false };
    hmac(key, text).is_some_and(|mac| mac.verify_slice(&bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: Secret<[u8; 32]> = Secret::new([7; 32]);

    proptest! {
        #[test]
        fn only_the_code_of_the_text_under_the_key_matches(text in "\\PC{0,60}", other in "\\PC{0,60}") {
            let tag = code(&KEY, &text);
            prop_assert_eq!(tag.len(), 43);
            prop_assert!(matches(&KEY, &text, &tag));
            prop_assert!(!matches(&Secret::new([8; 32]), &text, &tag));
            prop_assert_eq!(matches(&KEY, &other, &tag), text == other);
            prop_assert!(!matches(&KEY, &text, &other));
            prop_assert!(!matches(&KEY, &text, ""));
        }

        #[test]
        fn a_shortened_code_matches_nothing(text in "\\PC{0,60}", length in 0..43usize) {
            prop_assert!(!matches(&KEY, &text, &code(&KEY, &text)[..length]));
        }
    }

    #[test]
    fn a_code_is_the_hmac_that_other_tools_compute() {
        // printf hello | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07 -binary | base64url
        assert_eq!(code(&KEY, "hello"), "KQrxg9CChq50Df7ThnJJhdxmbeY1Co3y6FIDB64lA-0");
    }
}
