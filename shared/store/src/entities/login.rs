//! Logging in: counting attempts before a password is looked at, and beginning the session in one transaction with all that it
//! changes.
//!
//! An attempt is counted first and forgiven by success, so that any number of parallel guesses gets no more tries than the same
//! guesses one after the other.

use domain::identity::lockout::{self, MAX_FAILURES};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    device::Device,
    mfa::{MfaChallenge, SecondFactor},
    rate::RateWindow,
    security_event::SecurityEvent,
    session::Session,
    user::{EmailGuard, User, UsernameGuard},
};
use crate::{Condition, Entity, Item, Key, Store, StoreError, Table, TransactionError, Update, from_item};

/// Failed logins of one account from one source: a network, or a device that the account used before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginAttempts {
    /// Attempts since the window began, successful ones not counted.
    #[serde(default)]
    pub count: u32,
    /// When the count begins anew, in epoch seconds.
    #[serde(default)]
    pub reset_at: i64,
}

/// Failed logins of one account from everywhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccountFailures {
    /// Failures since the account was quiet for a day.
    #[serde(default)]
    pub failures: u32,
    /// Until when unknown devices wait, in epoch seconds.
    #[serde(default)]
    pub not_before: i64,
    /// When they are forgotten, in epoch seconds; the table's TTL removes them some time after.
    #[serde(default)]
    pub expires_at: i64,
}

impl Entity for LoginAttempts {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "login_attempts";

    /// The key depends on whose attempts they are: [`LoginSource::attempts_key`] makes it.
    fn key(&self) -> Key {
        Key::new("ATTEMPTS#", "ATTEMPTS#")
    }
}

impl Entity for AccountFailures {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "account_failures";

    /// The key depends on whose failures they are: [`LoginSource::account_key`] makes it.
    fn key(&self) -> Key {
        Key::new("ATTEMPTS#", "ACCOUNT")
    }
}

/// Who tries to log in where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginSource {
    /// The account: a user's id, or the hash of a name that no account has, which is counted alike.
    pub subject: String,
    /// The source as [`domain::identity::lockout::Source`] writes it.
    pub source: String,
    /// Whether the source is a device that the account used before.
    pub known_device: bool,
}

impl LoginSource {
    fn attempts_key(&self) -> Key {
        Key::new(format!("ATTEMPTS#{}", self.subject), format!("SOURCE#{}", self.source))
    }

    fn account_key(&self) -> Key {
        Key::new(format!("ATTEMPTS#{}", self.subject), "ACCOUNT")
    }
}

/// The name that somebody logs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginName {
    /// An e-mail address in its normal form ([`domain::identity::normalize_email`]).
    Email(String),
    /// A user name in lower case.
    Username(String),
}

impl LoginName {
    /// The address or the name.
    pub fn text(&self) -> &str {
        match self {
            Self::Email(text) | Self::Username(text) => text,
        }
    }

    fn guard_key(&self) -> Key {
        match self {
            Self::Email(normal) => EmailGuard::key_of(normal),
            Self::Username(lower) => UsernameGuard::key_of(lower),
        }
    }
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It was counted and may.
    Open,
    /// Too many from this network address in this minute.
    Busy,
    /// Too many failures: wait so many seconds.
    Locked(i64),
}

/// What a login needs to know, read at one moment.
#[derive(Debug, Default)]
pub struct LoginFacts {
    /// The user.
    pub user: Option<User>,
    /// The device, where the client has one that is known.
    pub device: Option<Device>,
    /// Attempts from this source, this one included.
    pub attempts: u32,
    /// Failures of the account from everywhere.
    pub account: AccountFailures,
    /// Whose the name is, where that was read too.
    pub named: Option<Id<kinds::User>>,
}

/// A session that begins, and what changes with it.
#[derive(Debug)]
pub struct Beginning {
    /// The session.
    pub session: Session,
    /// The device as it is from now on.
    pub device: Device,
    /// Whose failures are forgiven; `None` for a login through a provider, which counts none.
    pub source: Option<LoginSource>,
    /// The hash that the password was verified against: a session never begins with a password that was changed meanwhile.
    pub verified_hash: Option<Secret<String>>,
    /// Whether the user had a second factor when it was decided whether to ask for it.
    pub mfa_enabled: bool,
    /// The password hashed with today's parameters, where the stored hash has older ones.
    pub rehashed: Option<Secret<String>>,
    /// The second factor that was shown.
    pub second_factor: Option<(MfaChallenge, SecondFactor)>,
    /// What the owner is told.
    pub events: Vec<SecurityEvent>,
}

/// What became of a session that was to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It has begun.
    Done,
    /// The account or its password changed since they were read, or the challenge was used.
    Outdated,
    /// The second factor was used meanwhile, or never was one.
    FactorUsed,
}

/// The logins.
pub struct Logins<'a>(&'a Store);

impl Store {
    /// The logins.
    pub fn logins(&self) -> Logins<'_> {
        Logins(self)
    }
}

impl Logins<'_> {
    /// Whose account a name is: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user_of(&self, name: &LoginName) -> Result<Option<Id<kinds::User>>, StoreError> {
        Ok(self.read([name.guard_key()]).await?.named)
    }

    /// Counts an attempt: against the network address's limit a minute, and against the account from this source. One
    /// transaction; a second where the source's window has just ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attempt(
        &self,
        who: &LoginSource,
        ip_address: &str,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Gate, StoreError> {
        let seconds = now.as_second();
        let mut fresh = None;
        loop {
            let rate = RateWindow::hit_within(&format!("login:{ip_address}"), now, 60, per_minute);
            let count = match fresh.take() {
                // Each try moves the end, so that no half an hour sees more than the five, wherever it begins.
                None => Update::upsert::<LoginAttempts>(who.attempts_key())
                    .add("count", 1)
                    .set("reset_at", seconds + lockout::LOCK.as_secs())
                    .set("expires_at", seconds + 2 * lockout::LOCK.as_secs())
                    .when(
                        Condition::HasNot("count").or(Condition::compare("count", "<", MAX_FAILURES)
                            .and(Condition::compare("reset_at", ">", seconds))),
                    ),
                Some(ended) => Update::upsert::<LoginAttempts>(who.attempts_key())
                    .set("count", 1)
                    .set("reset_at", seconds + lockout::LOCK.as_secs())
                    .set("expires_at", seconds + 2 * lockout::LOCK.as_secs())
                    .when(Condition::equals("reset_at", ended)),
            };
            let mut transaction = self.0.transaction().update("rate", rate).update("attempts", count);
            if !who.known_device {
                let quiet =
                    Condition::HasNot("not_before").or(Condition::compare("not_before", "<=", seconds));
                transaction = transaction.check("account", Table::Identity, who.account_key(), quiet);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Gate::Open),
                Err(TransactionError::Failed { label: "rate", .. }) => return Ok(Gate::Busy),
                Err(TransactionError::Failed { label: "attempts", item }) => {
                    let attempts: LoginAttempts = from_failed(item)?;
                    if attempts.reset_at > seconds {
                        return Ok(Gate::Locked(attempts.reset_at - seconds));
                    }
                    fresh = Some(attempts.reset_at);
                }
                Err(TransactionError::Failed { item, .. }) => {
                    let account: AccountFailures = from_failed(item)?;
                    return Ok(Gate::Locked((account.not_before - seconds).max(1)));
                }
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
    }

    /// Reads what the login of a user on a device needs: one batch. For an account that does not exist it reads as much,
    /// under an id that nobody has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn facts(
        &self,
        user: Id<kinds::User>,
        device: Option<Id<kinds::Device>>,
        who: &LoginSource,
    ) -> Result<LoginFacts, StoreError> {
        self.read(keys_of(user, device, who)).await
    }

    /// [`Logins::facts`] of the user that a device's token names, together with whose account a name is: one batch, where the
    /// device spares the read of the name alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn facts_and_user_of(
        &self,
        name: &LoginName,
        user: Id<kinds::User>,
        device: Id<kinds::Device>,
        who: &LoginSource,
    ) -> Result<LoginFacts, StoreError> {
        self.read(keys_of(user, Some(device), who).into_iter().chain([name.guard_key()])).await
    }

    async fn read(&self, keys: impl IntoIterator<Item = Key>) -> Result<LoginFacts, StoreError> {
        let mut facts = LoginFacts::default();
        for item in self.0.get_items(Table::Identity, keys.into_iter().collect()).await? {
            let kind = item.get("type").and_then(|kind| kind.as_s().ok()).cloned().unwrap_or_default();
            match kind.as_str() {
                User::TYPE => facts.user = Some(from_item(item)?),
                Device::TYPE => facts.device = Some(from_item(item)?),
                LoginAttempts::TYPE => facts.attempts = from_item::<LoginAttempts>(item)?.count,
                AccountFailures::TYPE => facts.account = from_item(item)?,
                EmailGuard::TYPE => facts.named = Some(from_item::<EmailGuard>(item)?.user_id),
                UsernameGuard::TYPE => facts.named = Some(from_item::<UsernameGuard>(item)?.user_id),
                _ => {}
            }
        }
        Ok(facts)
    }

    /// Notes a failed attempt of a source that was counted by [`Logins::attempt`]: unknown devices wait longer. One
    /// transaction, whether or not the account exists; none for a known device that is not locked by it, whose owner's slips
    /// are not to delay him elsewhere.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn failed(
        &self,
        who: &LoginSource,
        facts: &LoginFacts,
        now: Timestamp,
        locked: Option<&SecurityEvent>,
    ) -> Result<(), StoreError> {
        let seconds = now.as_second();
        let mut transaction = self.0.transaction();
        if !who.known_device {
            let forgotten = facts.account.expires_at <= seconds;
            let before = if forgotten { 0 } else { facts.account.failures };
            let wait = lockout::delay_after(before + 1).as_secs();
            let account = Update::upsert::<AccountFailures>(who.account_key());
            let account = if forgotten { account.set("failures", 1) } else { account.add("failures", 1) };
            let account = account
                .set("not_before", seconds + wait)
                .set("expires_at", seconds + lockout::MEMORY.as_secs());
            transaction = transaction.update("account", account);
        }
        if let Some(event) = locked {
            transaction = transaction.put_new_from("event", event);
        }
        if who.known_device && locked.is_none() {
            return Ok(());
        }
        transaction.commit().await.map_err(TransactionError::into_store)
    }

    /// Begins a session: one transaction with the device, the forgiven failures, the second factor and the events.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self, beginning: &Beginning) -> Result<Begun, StoreError> {
        let Beginning {
            session,
            device,
            source,
            verified_hash,
            mfa_enabled,
            rehashed,
            second_factor,
            events,
        } = beginning;
        let mut unchanged = Condition::one_of("status", ["active", "suspended"])
            .and(Condition::equals("mfa_enabled", mfa_enabled));
        if let Some(hash) = verified_hash {
            unchanged = unchanged.and(Condition::equals("password_hash", hash.expose()));
        }
        let user = User::key_of(session.user_id);
        let mut transaction = self.0.transaction().put_new("session", session).put("device", device);
        transaction = match rehashed {
            Some(hash) => {
                let update = Update::of::<User>(user).set("password_hash", hash.expose());
                transaction.update("user", update.when(unchanged))
            }
            None => transaction.check("user", Table::Identity, user, unchanged),
        };
        if let Some(who) = source {
            transaction = transaction.delete("attempts", Table::Identity, who.attempts_key(), None);
            if !who.known_device {
                transaction = transaction.delete("account", Table::Identity, who.account_key(), None);
            }
        }
        if let Some((challenge, factor)) = second_factor {
            transaction = transaction.use_challenge("challenge", challenge);
            transaction = transaction.use_second_factor("factor", session.user_id, factor);
        }
        for event in events {
            transaction = transaction.put_new_from("event", event);
        }
        match transaction.commit().await {
            Ok(()) => Ok(Begun::Done),
            Err(TransactionError::Failed { label: "factor", .. }) => Ok(Begun::FactorUsed),
            Err(TransactionError::Failed { .. }) => Ok(Begun::Outdated),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Forgives the attempts from a source that needs no new session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forgive(&self, who: &LoginSource) -> Result<(), StoreError> {
        self.0.delete(Table::Identity, who.attempts_key()).await
    }

    /// Forgives all failures of a user, as an admin does who unlocks him. Sources' counts under the user's partition go too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unlock(&self, user: Id<kinds::User>) -> Result<(), StoreError> {
        let query = crate::Query::partition(format!("ATTEMPTS#{user}"));
        for item in self.0.query_all(Table::Identity, query).await? {
            if let Some(sk) = item.get("sk").and_then(|sk| sk.as_s().ok()) {
                self.0.delete(Table::Identity, Key::new(format!("ATTEMPTS#{user}"), sk)).await?;
            }
        }
        Ok(())
    }
}

fn keys_of(user: Id<kinds::User>, device: Option<Id<kinds::Device>>, who: &LoginSource) -> Vec<Key> {
    let mut keys = vec![User::key_of(user), who.attempts_key(), who.account_key()];
    keys.extend(device.map(|device| Device::key_of(user, device)));
    keys
}

fn from_failed<E: Entity + Default>(item: Option<Box<Item>>) -> Result<E, StoreError> {
    item.map_or_else(|| Ok(E::default()), |item| from_item(*item))
}

impl Default for LoginAttempts {
    /// None, of a window that has ended.
    fn default() -> Self {
        Self { count: 0, reset_at: 0 }
    }
}
