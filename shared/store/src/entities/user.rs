//! A person with an account, and the guards that keep e-mail addresses and user names unique.

use domain::identity::{Role, UserStatus};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Consistency, Entity, Key, Store, StoreError, Table, TransactionError};

/// A user (seeds 000, 001 §3.2, 003).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// Identifier.
    pub id: Id<kinds::User>,
    /// Address as the user wrote it.
    pub email: Secret<String>,
    /// Unique name, shown to others.
    pub username: String,
    /// Given name.
    pub first_name: Secret<String>,
    /// Family name.
    pub last_name: Secret<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the account works.
    pub status: UserStatus,
    /// Argon2id hash in PHC format, with its parameters.
    pub password_hash: Secret<String>,
    /// A few words about himself.
    #[serde(default)]
    pub bio: String,
    /// Picture.
    #[serde(default)]
    pub avatar_url: String,
    /// Country, as the user wrote it.
    #[serde(default)]
    pub country: String,
    /// Registration.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl User {
    /// The key of a user.
    pub fn key_of(id: Id<kinds::User>) -> Key {
        Key::new(format!("USER#{id}"), "USER")
    }
}

impl Entity for User {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "user";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }
}

/// Keeps an e-mail address for one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailGuard {
    /// The address in its normal form ([`domain::identity::normalize_email`]).
    pub email: Secret<String>,
    /// Whose it is.
    pub user_id: Id<kinds::User>,
    /// When it was taken.
    pub created_at: Timestamp,
}

impl EmailGuard {
    /// The key of a guard, from the address in its normal form.
    pub fn key_of(normal: &str) -> Key {
        Key::new(format!("EMAIL#{normal}"), "EMAIL")
    }
}

impl Entity for EmailGuard {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "email_guard";

    fn key(&self) -> Key {
        Self::key_of(self.email.expose())
    }
}

/// Keeps a user name for one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UsernameGuard {
    /// The name in lower case.
    pub username: String,
    /// Whose it is.
    pub user_id: Id<kinds::User>,
    /// When it was taken.
    pub created_at: Timestamp,
}

impl UsernameGuard {
    /// The key of a guard, from the name in lower case.
    pub fn key_of(lower: &str) -> Key {
        Key::new(format!("USERNAME#{lower}"), "USERNAME")
    }
}

impl Entity for UsernameGuard {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "username_guard";

    fn key(&self) -> Key {
        Self::key_of(&self.username)
    }
}

/// Which guard refused a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The e-mail address has an account.
    Email,
    /// The user name has an account.
    Username,
}

/// The users.
pub struct Users<'a>(pub(crate) &'a Store);

impl Store {
    /// The users.
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }
}

impl Users<'_> {
    /// The user by his id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::User>) -> Result<Option<User>, StoreError> {
        self.0.get(User::key_of(id), Consistency::Strong).await
    }

    /// The user by his address in normal form: two reads.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_email(&self, normal: &str) -> Result<Option<User>, StoreError> {
        let guard: Option<EmailGuard> = self.0.get(EmailGuard::key_of(normal), Consistency::Strong).await?;
        match guard {
            Some(guard) => self.get(guard.user_id).await,
            None => Ok(None),
        }
    }

    /// The user by his name in lower case: two reads.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_username(&self, lower: &str) -> Result<Option<User>, StoreError> {
        let guard: Option<UsernameGuard> =
            self.0.get(UsernameGuard::key_of(lower), Consistency::Strong).await?;
        match guard {
            Some(guard) => self.get(guard.user_id).await,
            None => Ok(None),
        }
    }

    /// Registers a user with both guards in one transaction: an address and a name have one account each, whatever races.
    /// Gives which one is taken, `None` when it is done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register(
        &self,
        user: &User,
        email: &EmailGuard,
        username: &UsernameGuard,
    ) -> Result<Option<Taken>, StoreError> {
        let transaction =
            self.0.transaction().put_new("email", email).put_new("username", username).put_new("user", user);
        match transaction.commit().await {
            Ok(()) => Ok(None),
            Err(TransactionError::Failed { label: "email", .. }) => Ok(Some(Taken::Email)),
            Err(TransactionError::Failed { .. }) => Ok(Some(Taken::Username)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
