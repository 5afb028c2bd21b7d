//! One trip of a browser to a provider and back. All that must come back unchanged hangs on two random values: `state`, which
//! travels, and the browser's secret, which stays in a cookie. Nonce and PKCE verifier are derived from both, so that the table
//! holds neither, and who steals a code can't use it from another browser.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use http::HeaderMap;
use kernel::{Ambient, Secret, SignedDuration};
use sha2::{Digest as _, Sha256};

use crate::cookies;

/// How long the browser may take.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_mins(10);

/// The cookie that holds the browser's secret.
const COOKIE: &str = "lf_oidc";
/// Bytes of each random value.
const ENTROPY: usize = 32;

/// The two values.
pub(crate) struct Attempt {
    state: String,
    browser: Secret<String>,
}

impl Attempt {
    /// A new attempt.
    pub(crate) fn begin(ambient: &Ambient) -> Self {
        Self { state: ambient.token::<ENTROPY>(), browser: Secret::new(ambient.token::<ENTROPY>()) }
    }

    /// The attempt of which a browser brings `state` back; `None` when it holds no cookie of one.
    pub(crate) fn resume(state: &str, headers: &HeaderMap) -> Option<Self> {
        let browser = cookies::read(headers, COOKIE)?;
        Some(Self { state: state.to_owned(), browser: Secret::new(browser.to_owned()) })
    }

    /// What travels.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// What is stored of `state`.
    pub(crate) fn state_hash(&self) -> String {
        digest(&self.state)
    }

    /// What is stored of the browser's secret.
    pub(crate) fn browser_hash(&self) -> String {
        digest(self.browser.expose())
    }

    /// The `nonce` that the ID token must repeat (OpenID Connect Core 1.0, 3.1.3.7).
    pub(crate) fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// The PKCE code verifier: 43 characters (RFC 7636, 4.1).
    pub(crate) fn verifier(&self) -> String {
        self.derive("pkce")
    }

    fn derive(&self, purpose: &str) -> String {
        // HMAC takes keys of any length, so this is never an error.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(self.browser.expose().as_bytes()) else {
            return String::new();
        };
        let mac = mac.chain_update(purpose).chain_update("\n").chain_update(&self.state);
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// The header that gives the browser its secret. Lax, since the way back begins at another site.
    pub(crate) fn set_cookie(&self, base: &str) -> String {
        cookie(base, self.browser.expose(), LIFE.as_secs())
    }
}

/// The header that takes the browser's secret back.
pub(crate) fn forget_cookie(base: &str) -> String {
    cookie(base, "", 0)
}

fn cookie(base: &str, value: &str, max_age: i64) -> String {
    // Over plain HTTP, as on one's own machine, a browser would drop a Secure cookie.
    let secure = if base.starts_with("http://") { "" } else { "; Secure" };
    format!("{COOKIE}={value}; Path=/api/v1/auth/social; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}")
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn from_browser(cookies: &str, state: &str) -> Option<Attempt> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        Attempt::resume(state, &headers)
    }

    #[test]
    fn the_same_browser_finds_its_values_again() {
        let begun = Attempt::begin(&Ambient::system());
        let set = begun.set_cookie("https://learn.example");
        let cookie = set.split(';').next().unwrap();
        let back = from_browser(&format!("lf_device=x; {cookie}; other=1"), begun.state()).unwrap();
        assert_eq!((back.nonce(), back.verifier()), (begun.nonce(), begun.verifier()));
        assert_eq!((back.state_hash(), back.browser_hash()), (begun.state_hash(), begun.browser_hash()));
        assert_ne!(begun.nonce(), begun.verifier());
        assert_eq!(begun.verifier().len(), 43);
    }

    #[test]
    fn another_state_or_browser_has_other_values_and_none_without_a_cookie() {
        let begun = Attempt::begin(&Ambient::system());
        let set = begun.set_cookie("https://learn.example");
        let cookie = set.split(';').next().unwrap();
        let other_state = from_browser(cookie, "another").unwrap();
        assert_ne!(other_state.verifier(), begun.verifier());
        assert_ne!(from_browser("lf_oidc=another", begun.state()).unwrap().nonce(), begun.nonce());
        assert!(from_browser("lf_oidcx=1", begun.state()).is_none());
        assert!(Attempt::resume(begun.state(), &HeaderMap::new()).is_none());
    }

    #[test]
    fn the_cookie_is_for_these_routes_and_no_script() {
        let attempt = Attempt::begin(&Ambient::system());
        let secure = attempt.set_cookie("https://learn.example");
        for part in
            ["; Path=/api/v1/auth/social;", "; Max-Age=600;", "; HttpOnly;", "; SameSite=Lax", "; Secure"]
        {
            assert!(secure.contains(part), "{secure}");
        }
        assert!(attempt.set_cookie("").contains("Secure"));
        assert!(!attempt.set_cookie("http://localhost:4566").contains("Secure"));
        assert!(forget_cookie("").starts_with("lf_oidc=; ") && forget_cookie("").contains("Max-Age=0"));
    }
}
