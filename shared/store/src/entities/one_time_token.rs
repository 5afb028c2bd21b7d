//! Tokens that are mailed and work once: to show that an address is one's own, to set a new password (seed 003, PasswordResetToken).

use domain::identity::TokenPurpose;
use kernel::{Ambient, Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, Transaction};

/// A token of which only the hash is kept: who reads the table can't use it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneTimeToken {
    /// SHA-256 of the token, in hexadecimal. A slow hash would add nothing to 256 random bits.
    pub hash: String,
    /// What it may be used for.
    pub purpose: TokenPurpose,
    /// For whom it was made.
    pub user_id: Id<kinds::User>,
    /// The address to which it was sent, in normal form: it proves this one only.
    pub email: Secret<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub valid_until: Timestamp,
}

impl OneTimeToken {
    /// A new token with the text that goes into the mail.
    pub fn generate(
        ambient: &Ambient,
        purpose: TokenPurpose,
        user_id: Id<kinds::User>,
        email: Secret<String>,
    ) -> (Self, Secret<String>) {
        let text = ambient.token::<32>();
        let now = ambient.now();
        let hash = Self::hash_of(&text);
        let token =
            Self { hash, purpose, user_id, email, created_at: now, valid_until: now + purpose.life() };
        (token, Secret::new(text))
    }

    /// What is stored of a token's text.
    pub fn hash_of(text: &str) -> String {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn key_of(hash: &str) -> Key {
        Key::new(format!("TOKEN#{hash}"), "TOKEN")
    }
}

impl Entity for OneTimeToken {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "one_time_token";

    fn key(&self) -> Key {
        Self::key_of(&self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.valid_until.as_second())
    }
}

/// The one-time tokens.
pub struct OneTimeTokens<'a>(&'a Store);

impl Store {
    /// The one-time tokens.
    pub fn one_time_tokens(&self) -> OneTimeTokens<'_> {
        OneTimeTokens(self)
    }
}

impl OneTimeTokens<'_> {
    /// Keeps a new token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issue(&self, token: &OneTimeToken) -> Result<(), StoreError> {
        self.0.put(token).await
    }

    /// The token with this text, when it is for this purpose and still works.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(
        &self,
        text: &str,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let key = OneTimeToken::key_of(&OneTimeToken::hash_of(text));
        let token: Option<OneTimeToken> = self.0.get(key, Consistency::Strong).await?;
        Ok(token.filter(|token| token.purpose == purpose && token.valid_until > now))
    }
}

impl Transaction<'_, &'static str> {
    /// Uses a token up: of any number of racers with it one gets its effect.
    #[must_use]
    pub fn consume(self, label: &'static str, token: &OneTimeToken) -> Self {
        self.delete(label, Table::Identity, token.key(), Some(Condition::Exists))
    }
}
