//! Signatures that everybody can check: JSON Web Signatures (RFC 7515) with Ed25519 (RFC 8037), under keys that are published as a JSON Web
//! Key Set (RFC 7517).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, JwkSet},
};
use ring::signature::Ed25519KeyPair;
use serde::{Serialize, de::DeserializeOwned};

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The private key or the public keys can't be read.
    #[error("a key can't be read: {0}")]
    Unreadable(String),
    /// The public keys do not hold the private key's other half.
    #[error("the public keys do not hold the public half of the private key; deploy both again")]
    Mismatch,
}

/// Something could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("it could not be signed: {0}")]
pub struct SignError(#[from] serde_json::Error);

/// A private key with its name. It is read once: `jsonwebtoken::encode` derives the public half from the private one for every
/// signature, which takes as long as the signature itself.
pub struct Signer {
    key: Ed25519KeyPair,
    kid: String,
}

impl Signer {
    /// A signer with the private key (PKCS 8 PEM), under the `kid` that its public half has in the key set.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn new(private_key: &str, public_keys: &str) -> Result<Self, SignerError> {
        let unreadable = |error: &dyn std::fmt::Display| SignerError::Unreadable(error.to_string());
        let pem = EncodingKey::from_ed_pem(private_key.as_bytes()).map_err(|error| unreadable(&error))?;
        // A key that OpenSSL makes does not hold its public half, which is what is not checked here; the key set is, below.
        let key =
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(pem.inner()).map_err(|error| unreadable(&error))?;
        let set: JwkSet = serde_json::from_str(public_keys).map_err(|error| unreadable(&error))?;
        // The public half is the one that verifies what the private key signs.
        let probe = b"which of these keys is mine";
        let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(probe));
        let own = |jwk: &&Jwk| {
            DecodingKey::from_jwk(jwk).is_ok_and(|public| {
                jsonwebtoken::crypto::verify(&signature, probe, &public, Algorithm::EdDSA).unwrap_or(false)
            })
        };
        let kid = set.keys.iter().find(own).and_then(|jwk| jwk.common.key_id.clone());
        Ok(Self { key, kid: kid.ok_or(SignerError::Mismatch)? })
    }

    /// What is said, signed, in the compact form. `typ` says what it is (RFC 8725, 3.11). The same content gives the same text.
    ///
    /// # Errors
    /// [`SignError`], which a good key and content that is JSON do not give.
    pub fn sign<C: Serialize>(&self, typ: &str, content: &C) -> Result<String, SignError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        let mut signed = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        signed.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(content)?, &mut signed);
        let signature = self.key.sign(signed.as_bytes());
        signed.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut signed);
        Ok(signed)
    }
}

/// A text is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is no JWS, its content is another, or the signature is not of the key that it names.
    #[error("it is not genuine: {0}")]
    NotGenuine(#[from] jsonwebtoken::errors::Error),
    /// It is signed, and is something else.
    #[error("it is of another type")]
    OtherType,
    /// None of the keys is the one that it names.
    #[error("none of the keys is the one that it names")]
    UnknownKey,
    /// The keys can't be read.
    #[error("the keys can't be read: {0}")]
    Keys(#[from] serde_json::Error),
}

/// What was signed as `typ` under one of the published keys: with these and nothing else. Times in it are for the caller to judge.
///
/// # Errors
/// [`Refused`].
pub fn check<C: DeserializeOwned>(typ: &str, signed: &str, public_keys: &str) -> Result<C, Refused> {
    let header = jsonwebtoken::decode_header(signed)?;
    if header.typ.as_deref() != Some(typ) {
        return Err(Refused::OtherType);
    }
    let keys: JwkSet = serde_json::from_str(public_keys)?;
    let key = header.kid.as_deref().and_then(|kid| keys.find(kid)).ok_or(Refused::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims::<&str>(&[]);
    validation.validate_exp = false;
    validation.validate_aud = false;
    Ok(jsonwebtoken::decode(signed, &DecodingKey::from_jwk(key)?, &validation)?.claims)
}

#[cfg(test)]
mod tests {
    use testkit::world::{JWT_PRIVATE_KEY, JWT_PUBLIC_KEYS};

    use super::*;

    const STRANGERS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"x","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[test]
    fn what_is_signed_names_its_key_and_its_type_and_is_always_the_same() {
        let signer = Signer::new(JWT_PRIVATE_KEY, JWT_PUBLIC_KEYS).unwrap();
        let signed = signer.sign("test+jwt", &["content"]).unwrap();
        let header = jsonwebtoken::decode_header(&signed).unwrap();
        assert_eq!(header.alg, Algorithm::EdDSA);
        assert_eq!((header.kid.as_deref(), header.typ.as_deref()), (Some("test"), Some("test+jwt")));
        assert_eq!(signer.sign("test+jwt", &["content"]).unwrap(), signed);
        let key = EncodingKey::from_ed_pem(JWT_PRIVATE_KEY.as_bytes()).unwrap();
        assert_eq!(
            jsonwebtoken::encode(&header, &["content"], &key).unwrap(),
            signed,
            "as another writes it"
        );
        assert_ne!(signer.sign("other+jwt", &["content"]).unwrap(), signed);
    }

    #[test]
    fn only_what_was_signed_as_this_is_genuine() {
        let signer = Signer::new(JWT_PRIVATE_KEY, JWT_PUBLIC_KEYS).unwrap();
        let content = serde_json::json!({"name": "홍길동", "exp": 1});
        let signed = signer.sign("test+jwt", &content).unwrap();
        let checked = |signed: &str| check::<serde_json::Value>("test+jwt", signed, JWT_PUBLIC_KEYS);
        assert_eq!(checked(&signed).unwrap(), content);
        assert!(matches!(check::<()>("other+jwt", &signed, JWT_PUBLIC_KEYS), Err(Refused::OtherType)));
        assert!(matches!(check::<()>("test+jwt", &signed, STRANGERS), Err(Refused::UnknownKey)));
        let renamed = STRANGERS.replace("\"x\",\"x\"", "\"test\",\"x\"");
        assert!(matches!(check::<()>("test+jwt", &signed, &renamed), Err(Refused::NotGenuine(_))));
        for place in 0..signed.len() {
            let mut bytes = signed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'Q' } else { b'A' };
            assert!(checked(std::str::from_utf8(&bytes).unwrap()).is_err(), "letter {place}");
        }
        let none = signed.rsplit_once('.').unwrap().0;
        assert!(checked(&format!("{none}.")).is_err() && checked(none).is_err() && checked("").is_err());
    }

    #[test]
    fn a_key_that_nobody_could_check_signs_nothing() {
        assert!(matches!(Signer::new(JWT_PRIVATE_KEY, STRANGERS), Err(SignerError::Mismatch)));
        assert!(matches!(Signer::new("no key", JWT_PUBLIC_KEYS), Err(SignerError::Unreadable(_))));
        assert!(matches!(Signer::new(JWT_PRIVATE_KEY, "{}"), Err(SignerError::Unreadable(_))));
    }
}
