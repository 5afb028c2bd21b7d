//! A person with an account, and the guards that keep e-mail addresses and user names unique.

mod admin;
mod age;
mod profile;

use domain::identity::{Language, Preferences, Role, UserStatus};
use jiff::civil::Date;
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use profile::ProfileChanges;
pub(crate) use profile::{PREFERENCE_ROUNDS, preferring};

use super::{
    device::Device,
    one_time_token::OneTimeToken,
    security_event::SecurityEvent,
    session::Session,
    social::{SocialAccount, SocialLink},
    standing::ending_sessions,
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Store, StoreError, Table, Transaction, TransactionError,
    Update, transaction::happened,
};

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
    /// Argon2id hash in PHC format, with its parameters; absent where the user only logs in through a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<Secret<String>>,
    /// The last change of the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_changed_at: Option<Timestamp>,
    /// Whether a login needs a second factor; set in the transaction that sets it up.
    #[serde(default)]
    pub mfa_enabled: bool,
    /// When the second factor was turned on; kept when it is turned off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_enabled_at: Option<Timestamp>,
    /// When the address was shown to be his.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified_at: Option<Timestamp>,
    /// When he agreed to the terms of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms_accepted_at: Option<Timestamp>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Secret<Date>>,
    /// Telephone number, in its normal form ([`domain::identity::profile::phone`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Secret<String>>,
    /// Time zone by its IANA name; empty for UTC.
    #[serde(default)]
    pub timezone: String,
    /// Language of mails and of the client.
    #[serde(default)]
    pub language: Language,
    /// Which mails he wants.
    #[serde(default)]
    pub preferences: Preferences,
    /// When he asked to become an instructor, where an admin decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor_requested_at: Option<Timestamp>,
    /// When he deleted his account; erasure follows 30 days later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The status to which a deleted account returns when it is restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_before_deletion: Option<UserStatus>,
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
    /// A user with nothing but what every account has; the rest is empty.
    pub fn new(
        id: Id<kinds::User>,
        email: Secret<String>,
        username: String,
        (first_name, last_name): (Secret<String>, Secret<String>),
        role: Role,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            email,
            username,
            first_name,
            last_name,
            role,
            status: UserStatus::Active,
            password_hash: None,
            password_changed_at: None,
            mfa_enabled: false,
            mfa_enabled_at: None,
            email_verified_at: None,
            terms_accepted_at: None,
            birthdate: None,
            phone: None,
            timezone: String::new(),
            language: Language::default(),
            preferences: Preferences::default(),
            instructor_requested_at: None,
            deleted_at: None,
            status_before_deletion: None,
            bio: String::new(),
            avatar_url: String::new(),
            country: String::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The key of a user.
    pub fn key_of(id: Id<kinds::User>) -> Key {
        Key::new(format!("USER#{id}"), "USER")
    }

    /// Whether a login on one of his devices needs no second factor. Trust from before the password or the second factor that stand
    /// now is worth nothing, whether or not anything got to take it away.
    pub fn trusts(&self, device: &Device, now: Timestamp) -> bool {
        let since = |moment: Option<Timestamp>| moment.is_none_or(|moment| device.updated_at > moment);
        self.mfa_enabled
            && device.is_trusted(now)
            && since(self.password_changed_at)
            && since(self.mfa_enabled_at)
    }

    /// The place of a user in the lists of an admin: by role and status, the newest last. Whoever changes a role or a
    /// status writes `gsi2pk` with it.
    pub fn admin_partition(role: Role, status: UserStatus) -> String {
        format!("ROLE#{}#STATUS#{}", role.as_str(), status.as_str())
    }
}

impl Entity for User {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "user";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let sort = format!("{}#{}", self.created_at, self.id);
        vec![IndexKey::new(2, Self::admin_partition(self.role, self.status), sort)]
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

    /// Registers a user with both guards, his first session and device in one transaction: an address and a name have one
    /// account each, whatever races. Gives which one is taken, `None` when it is done.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register(&self, new: &Registration) -> Result<Option<Taken>, StoreError> {
        match new.add_to(self.0.transaction()).commit().await {
            Ok(()) => Ok(None),
            Err(TransactionError::Failed { label: "email", .. }) => Ok(Some(Taken::Email)),
            Err(TransactionError::Failed { .. }) => Ok(Some(Taken::Username)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}

impl Users<'_> {
    /// Sets a new password and ends all sessions but the one in which it happens, with the event that tells the owner. `false` when the
    /// token was used up or the password changed since it was verified.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_password(&self, change: &PasswordChange) -> Result<bool, StoreError> {
        let PasswordChange { user_id, allowed_by, new_hash, event, strangers } = change;
        let mut update = Update::of::<User>(User::key_of(*user_id))
            .set("password_hash", new_hash.expose())
            .set("password_changed_at", event.at)
            .set("updated_at", event.at);
        let mut transaction = self.0.transaction();
        match allowed_by {
            PasswordProof::Old { hash, session } => {
                update = ending_sessions(update, Some(*session), event.at)
                    .when(Condition::one_of("status", ["active", "suspended"]))
                    .when(Condition::equals("password_hash", hash.expose()));
            }
            PasswordProof::Token { token, last_changed } => {
                let unchanged = last_changed.map_or(Condition::HasNot("password_changed_at"), |at| {
                    Condition::equals("password_changed_at", at)
                });
                // Who reads the mail at the address has shown that it is his.
                update = ending_sessions(update, None, event.at)
                    .set_if_absent("email_verified_at", event.at)
                    // A deleted account may get a password: without one nobody could bring it back.
                    .when(Condition::one_of("status", ["active", "suspended", "deleted"]))
                    .when(unchanged);
                transaction = transaction.consume("token", token);
            }
        }
        for link in strangers {
            let account = SocialAccount::key_of(&link.account);
            transaction = transaction.delete("link", Table::Identity, link.key(), None).delete(
                "account",
                Table::Identity,
                account,
                None,
            );
        }
        happened(transaction.update("user", update).put_new_from("event", event).commit().await)
    }

    /// Notes that the address is the owner's. `false` when the token was used up or the account is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_email(
        &self,
        token: &OneTimeToken,
        event: &SecurityEvent,
    ) -> Result<bool, StoreError> {
        let update = Update::of::<User>(User::key_of(token.user_id))
            .set_if_absent("email_verified_at", event.at)
            .set("updated_at", event.at)
            .when(Condition::one_of("status", ["active", "suspended"]));
        let transaction =
            self.0.transaction().consume("token", token).update("user", update).put_new_from("event", event);
        happened(transaction.commit().await)
    }
}

/// A new password, and what allows it.
#[derive(Debug)]
pub struct PasswordChange {
    /// Whose password.
    pub user_id: Id<kinds::User>,
    /// What allows the change.
    pub allowed_by: PasswordProof,
    /// The new password's hash.
    pub new_hash: Secret<String>,
    /// What the owner is told.
    pub event: SecurityEvent,
    /// Logins of providers that go with it: who linked them before anybody had shown the address to be his may be a stranger.
    pub strangers: Vec<SocialLink>,
}

/// What allows a new password.
#[derive(Debug)]
pub enum PasswordProof {
    /// The old password, in a session that goes on.
    Old {
        /// The hash that it fitted.
        hash: Secret<String>,
        /// The session.
        session: Id<kinds::Session>,
    },
    /// A token from a mail.
    Token {
        /// The token.
        token: OneTimeToken,
        /// When the password was changed last: of two links at once one works.
        last_changed: Option<Timestamp>,
    },
}

/// All that comes into being when somebody registers.
#[derive(Debug)]
pub struct Registration {
    /// The user.
    pub user: User,
    /// His first session.
    pub session: Session,
    /// The device on which it is.
    pub device: Device,
    /// Leads to the mail that asks him to verify his address.
    pub event: SecurityEvent,
}

impl Registration {
    /// Adds all of it to a transaction, under the labels `email`, `username` and the names of its parts.
    pub(super) fn add_to<'a>(&self, transaction: Transaction<'a>) -> Transaction<'a> {
        let Self { user, session, device, event } = self;
        let normal = domain::identity::normalize_email(user.email.expose());
        let created_at = user.created_at;
        let email = EmailGuard { email: Secret::new(normal), user_id: user.id, created_at };
        let username = UsernameGuard { username: user.username.to_lowercase(), user_id: user.id, created_at };
        transaction
            .put_new("email", &email)
            .put_new("username", &username)
            .put_new("user", user)
            .put_new("session", session)
            .put_new("device", device)
            .put_new_from("event", event)
    }
}
