//! Apple's client secret: a short JWT that the team's key signs (Apple, "Creating a client secret").

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Secret, Timestamp};
use serde::Serialize;

use super::config::AppleKey;

/// Apple's audience.
const AUDIENCE: &str = "https://appleid.apple.com";
/// Life of a secret in seconds. Apple allows six months; each exchange signs its own, which takes 0.2 ms and leaves nothing to
/// keep or to renew.
const LIFE_SECONDS: i64 = 300;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: i64,
    exp: i64,
    aud: &'a str,
    sub: &'a str,
}

/// A client secret for `client_id`, signed with the `.p8` file's text.
///
/// # Errors
/// When the key is no P-256 key in PKCS 8 PEM.
pub(super) fn client_secret(
    key: &AppleKey,
    client_id: &str,
    p8: &Secret<String>,
    now: Timestamp,
) -> Result<String, jsonwebtoken::errors::Error> {
    let signing = EncodingKey::from_ec_pem(p8.expose().as_bytes())?;
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key.key_id.clone());
    let iat = now.as_second();
    let claims = Claims { iss: &key.team_id, iat, exp: iat + LIFE_SECONDS, aud: AUDIENCE, sub: client_id };
    jsonwebtoken::encode(&header, &claims, &signing)
}
