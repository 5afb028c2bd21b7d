//! CloudFront signed cookies with a custom policy (CloudFront developer guide, "Set signed cookies using a custom policy").

use axum::response::AppendHeaders;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, header::SET_COOKIE};
use kernel::{Id, id::kinds};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, pkcs8::DecodePrivateKey as _, rand_core::OsRng};
use sha1::{Digest as _, Sha1};

/// The three cookies, in the order in which they are set.
const NAMES: [&str; 3] = ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"];

/// Headers that set the three cookies.
pub(crate) type SetCookies = AppendHeaders<[(HeaderName, String); 3]>;

/// Cookies can't be signed.
#[derive(Debug, thiserror::Error)]
pub enum CookieError {
    /// The private key can't be read.
    #[error("the private key is not RSA in PKCS 8 PEM: {0}")]
    Key(#[from] rsa::pkcs8::Error),
    /// The signature failed.
    #[error("the cookies could not be signed: {0}")]
    Signature(#[from] rsa::Error),
}

/// One version of one video: what a set of cookies opens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    pub(crate) video: Id<kinds::Video>,
    pub(crate) version: u32,
}

impl Stream {
    fn path(self) -> String {
        format!("/hls/videos/{}/{}/", self.video, self.version)
    }

    /// The address of its master playlist, which has this name, below `base`, the distribution's address.
    pub(crate) fn play_url(self, base: &str, master: &str) -> String {
        format!("{base}{}{master}", self.path())
    }
}

/// Signs cookies with the private half of a key that the distribution trusts.
pub struct CookieSigner {
    key_pair_id: String,
    key: RsaPrivateKey,
}

impl CookieSigner {
    /// Takes an RSA key in PKCS 8 PEM; line breaks may be written as `\n`, as environment variables often hold them.
    ///
    /// # Errors
    /// [`CookieError::Key`].
    pub fn new(key_pair_id: impl Into<String>, pem: &str) -> Result<Self, CookieError> {
        let key = RsaPrivateKey::from_pkcs8_pem(&pem.replace("\\n", "\n"))?;
        Ok(Self { key_pair_id: key_pair_id.into(), key })
    }

    /// The headers that open a stream below `base` until `expires_at` (epoch seconds).
    ///
    /// # Errors
    /// [`CookieError::Signature`].
    pub(crate) fn open(
        &self,
        base: &str,
        stream: Stream,
        now: i64,
        expires_at: i64,
    ) -> Result<SetCookies, CookieError> {
        // Written by hand: CloudFront takes the JSON without white space only.
        let policy = format!(
            r#"{{"Statement":[{{"Resource":"{base}{}*","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires_at}}}}}}}]}}"#,
            stream.path()
        );
        // CloudFront knows SHA-1 alone for signed cookies.
        let digest = Sha1::digest(policy.as_bytes());
        let signature = self.key.sign_with_rng(&mut OsRng, Pkcs1v15Sign::new::<Sha1>(), &digest)?;
        let values = [encode(policy.as_bytes()), encode(&signature), self.key_pair_id.clone()];
        Ok(set(base, stream, values, (expires_at - now).max(0)))
    }
}

impl std::fmt::Debug for CookieSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CookieSigner({})", self.key_pair_id)
    }
}

/// The headers that take the cookies of a stream back.
pub(crate) fn close(base: &str, stream: Stream) -> SetCookies {
    set(base, stream, Default::default(), 0)
}

fn set(base: &str, stream: Stream, values: [String; 3], max_age: i64) -> SetCookies {
    let path = stream.path();
    // Over plain HTTP, as on one's own machine, a browser would drop a Secure cookie.
    let secure = if base.starts_with("https://") { "; Secure" } else { "" };
    let mut values = values.into_iter();
    AppendHeaders(NAMES.map(|name| {
        let value = values.next().unwrap_or_default();
        (
            SET_COOKIE,
            format!("{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"),
        )
    }))
}

/// AWS's base64: `+`, `=` and `/` become `-`, `_` and `~`.
fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}
