//! Logins of other providers that belong to accounts, and attempts at such a login that are under way.

use domain::identity::social::may_unlink;
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    security_event::SecurityEvent,
    user::{Registration, Taken, User},
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Query, Store, StoreError, Table, TransactionError, Update,
    from_item,
};

/// An attempt: from the moment a browser is sent to the provider until it comes back. It holds digests only: who reads the
/// table can't finish an attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SocialAttempt {
    /// SHA-256 of `state`, in hexadecimal.
    pub state_hash: String,
    /// SHA-256 of the secret in the browser's cookie, in hexadecimal.
    pub browser_hash: String,
    /// The provider.
    pub provider: String,
    /// Whose account the login is to be linked to; absent when somebody logs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_to: Option<Id<kinds::User>>,
    /// The beginning.
    pub created_at: Timestamp,
    /// When it stops working.
    pub valid_until: Timestamp,
}

impl SocialAttempt {
    /// The key of an attempt.
    pub fn key_of(state_hash: &str) -> Key {
        Key::new(format!("OIDCSTATE#{state_hash}"), "OIDCSTATE")
    }
}

impl Entity for SocialAttempt {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "social_attempt";

    fn key(&self) -> Key {
        Self::key_of(&self.state_hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.valid_until.as_second())
    }
}

/// A login of another provider (seed 003, SocialAuth).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SocialAccount {
    /// The provider's id in this deployment.
    pub provider: String,
    /// Who vouches for the person. With the subject, this is who he is.
    pub issuer: String,
    /// The person's identifier there.
    pub subject: Secret<String>,
    /// Whose login it is.
    pub user_id: Id<kinds::User>,
    /// The address that the provider told at the last login; for the owner to recognise it, never to find an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Secret<String>>,
    /// The provider's tokens, sealed.
    pub tokens: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// The last login by it.
    pub last_used_at: Timestamp,
}

impl SocialAccount {
    /// The digest that stands for a person at a provider: neither may be read off the key, and a subject may be any text.
    pub fn digest(issuer: &str, subject: &str) -> String {
        let digest = Sha256::digest(format!("{issuer}\n{subject}"));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key of a login, from [`SocialAccount::digest`].
    pub fn key_of(digest: &str) -> Key {
        Key::new(format!("SOCIAL#{digest}"), "SOCIAL")
    }
}

impl Entity for SocialAccount {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "social_account";

    fn key(&self) -> Key {
        Self::key_of(&Self::digest(&self.issuer, self.subject.expose()))
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("USER#{}", self.user_id), format!("SOCIAL#{}", self.provider))]
    }
}

/// Keeps the place of one login for each user and provider, and finds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SocialLink {
    /// The user.
    pub user_id: Id<kinds::User>,
    /// The provider.
    pub provider: String,
    /// [`SocialAccount::digest`] of the login.
    pub account: String,
    /// When it was linked.
    pub created_at: Timestamp,
}

impl SocialLink {
    /// The key of a link.
    pub fn key_of(user: Id<kinds::User>, provider: &str) -> Key {
        Key::new(User::key_of(user).pk, format!("SOCIAL#{provider}"))
    }

    fn of(account: &SocialAccount) -> Self {
        Self {
            user_id: account.user_id,
            provider: account.provider.clone(),
            account: SocialAccount::digest(&account.issuer, account.subject.expose()),
            created_at: account.created_at,
        }
    }
}

impl Entity for SocialLink {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "social_link";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, &self.provider)
    }
}

/// What became of an attempt to link a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// It is linked.
    Done,
    /// Another account has this login.
    OfAnother,
    /// The user has another login of this provider.
    HasOne,
}

/// What became of a registration by a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocialRegistration {
    /// The account exists.
    Done,
    /// The address or the user name has an account.
    Taken(Taken),
    /// The login got an account a moment ago.
    HasAccount,
}

/// What became of an attempt to unlink a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinking {
    /// It is unlinked.
    Done,
    /// The user has no such login.
    NoSuch,
    /// It is his last way to log in.
    LastWayIn,
}

/// The logins of other providers.
pub struct Socials<'a>(&'a Store);

impl Store {
    /// The logins of other providers.
    pub fn socials(&self) -> Socials<'_> {
        Socials(self)
    }
}

impl Socials<'_> {
    /// Begins an attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_attempt(&self, attempt: &SocialAttempt) -> Result<(), StoreError> {
        self.0.put(attempt).await
    }

    /// Ends an attempt and gives it: it works once, in the browser that began it, at its provider. `None` when there is none
    /// that fits; somebody else's is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_attempt(
        &self,
        state_hash: &str,
        browser_hash: &str,
        provider: &str,
        now: Timestamp,
    ) -> Result<Option<SocialAttempt>, StoreError> {
        let fits = Condition::equals("browser_hash", browser_hash)
            .and(Condition::equals("provider", provider))
            .and(Condition::compare("valid_until", ">", now));
        self.0.take_if(SocialAttempt::key_of(state_hash), fits).await
    }

    /// The login of a person at a provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, digest: &str) -> Result<Option<SocialAccount>, StoreError> {
        self.0.get(SocialAccount::key_of(digest), Consistency::Strong).await
    }

    /// The user's logins. One is in the index some milliseconds after it was linked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts_of(&self, user: Id<kinds::User>) -> Result<Vec<SocialAccount>, StoreError> {
        let query = Query::index(1, User::key_of(user).pk).prefix("SOCIAL#");
        let items = self.0.query_all(Table::Identity, query).await?;
        items.into_iter().map(from_item).collect()
    }

    /// The places that a user's logins keep: one query, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links_of(&self, user: Id<kinds::User>) -> Result<Vec<SocialLink>, StoreError> {
        let query = Query::partition(User::key_of(user).pk).prefix("SOCIAL#");
        let items = self.0.query_all(Table::Identity, query).await?;
        items.into_iter().map(from_item).collect()
    }

    /// Registers a user together with the login by which he came.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_with(
        &self,
        new: &Registration,
        account: &SocialAccount,
    ) -> Result<SocialRegistration, StoreError> {
        // The login first: of two that race with it, the one that loses must hear that it has an account, not that its
        // address was taken by somebody.
        let transaction = self.0.transaction().put_new("account", account);
        let transaction = new.add_to(transaction).put_new("link", &SocialLink::of(account));
        match transaction.commit().await {
            Ok(()) => Ok(SocialRegistration::Done),
            Err(TransactionError::Failed { label: "account", .. }) => Ok(SocialRegistration::HasAccount),
            Err(TransactionError::Failed { label: "email", .. }) => {
                Ok(SocialRegistration::Taken(Taken::Email))
            }
            Err(TransactionError::Failed { .. }) => Ok(SocialRegistration::Taken(Taken::Username)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Links a login to its user's account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link(&self, account: &SocialAccount, event: &SecurityEvent) -> Result<Linking, StoreError> {
        let transaction = self
            .0
            .transaction()
            .put_new("account", account)
            .put_new("link", &SocialLink::of(account))
            .put_new_from("event", event);
        match transaction.commit().await {
            Ok(()) => Ok(Linking::Done),
            Err(TransactionError::Failed { label: "account", .. }) => Ok(Linking::OfAnother),
            Err(TransactionError::Failed { .. }) => Ok(Linking::HasOne),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Notes a login: its time, and what the provider told. `false` when it is not linked to this user any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_login(&self, account: &SocialAccount) -> Result<bool, StoreError> {
        let update = Update::of::<SocialAccount>(account.key())
            .set("last_used_at", account.last_used_at)
            .set("email", &account.email)
            .set("tokens", &account.tokens)
            .when(Condition::equals("user_id", account.user_id));
        Ok(self.0.update_if::<SocialAccount>(update).await?.is_some())
    }

    /// Unlinks the user's login of a provider, unless it is his last way in. Of two that unlink two logins at once, both see
    /// the other's in place; the transaction checks that the one that is to stay has stayed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unlink(
        &self,
        user: &User,
        provider: &str,
        event: &SecurityEvent,
    ) -> Result<Unlinking, StoreError> {
        let links = self.links_of(user.id).await?;
        let Some(link) = links.iter().find(|link| link.provider == provider) else {
            return Ok(Unlinking::NoSuch);
        };
        let has_password = user.password_hash.is_some();
        if !may_unlink(has_password, links.len()) {
            return Ok(Unlinking::LastWayIn);
        }
        let linked = Condition::equals("account", &link.account);
        let mut transaction = self
            .0
            .transaction()
            .delete("link", Table::Identity, link.key(), Some(linked))
            .delete("account", Table::Identity, SocialAccount::key_of(&link.account), Some(Condition::Exists))
            .put_new_from("event", event);
        transaction = match links.iter().find(|other| other.provider != provider) {
            Some(other) if !has_password => {
                transaction.check("other", Table::Identity, other.key(), Condition::Exists)
            }
            _ => transaction.check("user", Table::Identity, user.key(), Condition::Has("password_hash")),
        };
        match transaction.commit().await {
            Ok(()) => Ok(Unlinking::Done),
            Err(TransactionError::Failed { label: "link" | "account", .. }) => Ok(Unlinking::NoSuch),
            Err(TransactionError::Failed { .. }) => Ok(Unlinking::LastWayIn),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
