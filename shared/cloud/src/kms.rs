//! Envelope encryption of small secrets (TOTP seeds, tokens of login providers) with AWS KMS: each text gets a data key of its own
//! (KMS developer guide, "Data keys"), encrypts by AES-256-GCM, and is bound to its place by the encryption context.

use std::collections::HashMap;

use aws_sdk_kms::{error::ProvideErrorMetadata, primitives::Blob, types::DataKeySpec};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{ConfigError, Random, Secret, Vars};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::Cloud;

/// The format of sealed texts: `v1.<encrypted data key>.<nonce and ciphertext>`, both parts in unpadded base64url.
const VERSION: &str = "v1";
/// Bytes of a data key: AES-256.
const KEY_LEN: usize = 32;

/// What a sealed text belongs to. It is KMS's encryption context and the additional data of the cipher, so a text that is copied
/// to another item or another use does not open. It is not secret: CloudTrail shows it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the text is for, such as `totp`.
    pub purpose: &'static str,
    /// Whose it is, such as a user's id.
    pub id: &'a str,
}

impl Context<'_> {
    fn additional_data(self) -> Vec<u8> {
        // A purpose is a word of ours without a line break, so the two halves can't be confused.
        format!("{}\n{}", self.purpose, self.id).into_bytes()
    }

    fn for_kms(self) -> HashMap<String, String> {
        HashMap::from([("purpose".into(), self.purpose.into()), ("id".into(), self.id.into())])
    }
}

/// A text could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The text was changed, is cut off, or belongs to another place.
    #[error("the sealed text does not open here: it was changed, or it belongs to another item")]
    Broken,
    /// KMS refused or did not answer.
    #[error("KMS: {0}")]
    Kms(String),
}

/// Seals and opens small secrets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sealer {
    keys: Keys,
    random: Random,
}

/// Where data keys come from.
#[derive(Clone, Debug)]
enum Keys {
    Kms {
        client: aws_sdk_kms::Client,
        key_arn: String,
    },
    /// Data keys are encrypted with this key, as KMS does with its own. Tests only.
    Local(Secret<[u8; KEY_LEN]>),
}

impl Sealer {
    /// A sealer with the KMS key that `KMS_KEY_ARN` names. The function's role needs `kms:GenerateDataKey` and `kms:Decrypt` on it.
    ///
    /// # Errors
    /// [`ConfigError`] when the variable is missing.
    pub fn from_env(cloud: &Cloud, vars: &Vars, random: Random) -> Result<Self, ConfigError> {
        let client = aws_sdk_kms::Client::new(cloud.sdk());
        Ok(Self { keys: Keys::Kms { client, key_arn: vars.required("KMS_KEY_ARN")? }, random })
    }

    /// A sealer without KMS, for component tests: the same format and cipher, with data keys encrypted by `key`.
    pub fn with_local_key_for_tests(key: [u8; KEY_LEN], random: Random) -> Self {
        Self { keys: Keys::Local(Secret::new(key)), random }
    }

    /// Encrypts `plaintext` for the place that `context` names. One call of KMS.
    ///
    /// # Errors
    /// [`SealError::Kms`].
    pub async fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<String, SealError> {
        let (key, encrypted_key) = self.new_data_key(context).await?;
        let sealed = self.encrypt(&key, context, plaintext)?;
        Ok(format!("{VERSION}.{}.{}", URL_SAFE_NO_PAD.encode(encrypted_key), URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Decrypts what [`Sealer::seal`] made for the same place. One call of KMS.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn open(&self, context: Context<'_>, sealed: &str) -> Result<Secret<Vec<u8>>, SealError> {
        let mut parts = sealed.split('.');
        let (Some(VERSION), Some(key), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Broken);
        };
        let decode = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Broken);
        let key = self.data_key(context, decode(key)?).await?;
        decrypt(&key, context, decode(body)?).map(Secret::new)
    }

    async fn new_data_key(&self, context: Context<'_>) -> Result<(Secret<Vec<u8>>, Vec<u8>), SealError> {
        match &self.keys {
            Keys::Kms { client, key_arn } => {
                let call = client.generate_data_key().key_id(key_arn).key_spec(DataKeySpec::Aes256);
                let call = call.set_encryption_context(Some(context.for_kms()));
                let answer = call.send().await.map_err(|error| kms_error(&error.into_service_error()))?;
                let missing = || SealError::Kms("the answer holds no key".into());
                let key = answer.plaintext.ok_or_else(missing)?.into_inner();
                let encrypted = answer.ciphertext_blob.ok_or_else(missing)?.into_inner();
                Ok((Secret::new(key), encrypted))
            }
            Keys::Local(root) => {
                let key = self.random.bytes::<KEY_LEN>().to_vec();
                let encrypted = self.encrypt(&Secret::new(root.expose().to_vec()), context, &key)?;
                Ok((Secret::new(key), encrypted))
            }
        }
    }

    async fn data_key(&self, context: Context<'_>, encrypted: Vec<u8>) -> Result<Secret<Vec<u8>>, SealError> {
        match &self.keys {
            Keys::Kms { client, key_arn } => {
                // Naming the key keeps a text that another key sealed from opening (KMS API reference, "Decrypt").
                let call = client.decrypt().key_id(key_arn).ciphertext_blob(Blob::new(encrypted));
                let call = call.set_encryption_context(Some(context.for_kms()));
                let answer = call.send().await.map_err(|error| {
                    let error = error.into_service_error();
                    if error.is_invalid_ciphertext_exception() || error.is_incorrect_key_exception() {
                        SealError::Broken
                    } else {
                        kms_error(&error)
                    }
                })?;
                let key = answer.plaintext.ok_or_else(|| SealError::Kms("the answer holds no key".into()))?;
                Ok(Secret::new(key.into_inner()))
            }
            Keys::Local(root) => {
                decrypt(&Secret::new(root.expose().to_vec()), context, encrypted).map(Secret::new)
            }
        }
    }

    fn encrypt(
        &self,
        key: &Secret<Vec<u8>>,
        context: Context<'_>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        // A data key encrypts one text, so a random nonce can't meet itself.
        let nonce = self.random.bytes::<NONCE_LEN>();
        let mut body = plaintext.to_vec();
        cipher(key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.additional_data()),
                &mut body,
            )
            .map_err(|_| SealError::Kms("the text is too long to be sealed".into()))?;
        let mut out = nonce.to_vec();
        out.append(&mut body);
        Ok(out)
    }
}

fn decrypt(key: &Secret<Vec<u8>>, context: Context<'_>, mut sealed: Vec<u8>) -> Result<Vec<u8>, SealError> {
    let (nonce, body) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(SealError::Broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
    let plaintext = cipher(key)?.open_in_place(nonce, Aad::from(context.additional_data()), body);
    plaintext.map(|text| text.to_vec()).map_err(|_| SealError::Broken)
}

fn cipher(key: &Secret<Vec<u8>>) -> Result<LessSafeKey, SealError> {
    let key = UnboundKey::new(&AES_256_GCM, key.expose());
    key.map(LessSafeKey::new).map_err(|_| SealError::Kms("the data key has not 32 bytes".into()))
}

fn kms_error(error: &(impl ProvideErrorMetadata + std::fmt::Display)) -> SealError {
    SealError::Kms(error.code().map_or_else(|| error.to_string(), ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOTP: Context<'static> = Context { purpose: "totp", id: "ada" };

    fn sealer() -> Sealer {
        Sealer::with_local_key_for_tests([7; KEY_LEN], Random::seeded(1))
    }

    #[tokio::test]
    async fn a_sealed_text_opens_in_its_place_and_shows_nothing() {
        let sealer = sealer();
        let sealed = sealer.seal(TOTP, b"a seed of a code").await.unwrap();
        assert!(sealed.starts_with("v1."));
        assert_eq!(sealer.open(TOTP, &sealed).await.unwrap().expose(), b"a seed of a code");
        assert_ne!(
            sealed,
            sealer.seal(TOTP, b"a seed of a code").await.unwrap(),
            "each has a key of its own"
        );
        let empty = sealer.seal(TOTP, b"").await.unwrap();
        assert!(sealer.open(TOTP, &empty).await.unwrap().expose().is_empty());
    }

    #[tokio::test]
    async fn it_does_not_open_elsewhere_with_another_key_or_changed() {
        let sealer = sealer();
        let sealed = sealer.seal(TOTP, b"a seed of a code").await.unwrap();
        let elsewhere = [Context { id: "eve", ..TOTP }, Context { purpose: "social", ..TOTP }];
        for context in elsewhere {
            assert!(matches!(sealer.open(context, &sealed).await, Err(SealError::Broken)), "{context:?}");
        }
        let other = Sealer::with_local_key_for_tests([8; KEY_LEN], Random::seeded(1));
        assert!(matches!(other.open(TOTP, &sealed).await, Err(SealError::Broken)));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(matches!(sealer.open(TOTP, &changed).await, Err(SealError::Broken)), "byte {at}");
        }
        for text in ["", "v1", "v1..", "v1.a.b", "v2.AAAA.AAAA", &format!("{sealed}.AAAA")] {
            assert!(matches!(sealer.open(TOTP, text).await, Err(SealError::Broken)), "{text}");
        }
    }
}
