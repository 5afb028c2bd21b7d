//! The second factor: a TOTP secret (RFC 6238), recovery codes, and the challenge between password and second factor.

use kernel::{Ambient, Id, Secret, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{one_time_token::OneTimeToken, security_event::SecurityEvent, user::User};
use crate::{
    Condition, Consistency, Entity, Key, Query, Store, StoreError, Table, Transaction, Update,
    transaction::happened,
};

/// Codes that may be tried for one challenge (spec 06).
pub const CHALLENGE_TRIES: u32 = 5;
/// Life of a challenge.
pub const CHALLENGE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// The second factor of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mfa {
    /// Whose it is.
    pub user_id: Id<kinds::User>,
    /// The TOTP secret, sealed by KMS with the user's id as encryption context.
    pub sealed_secret: Secret<String>,
    /// The last time step whose code was used; it and those before it never work again.
    pub last_step: u64,
    /// When the user confirmed it with a code; until then it is not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_at: Option<Timestamp>,
    /// When it was set up.
    pub created_at: Timestamp,
}

impl Mfa {
    /// The key of a user's second factor.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(format!("USER#{user}"), "MFA")
    }
}

impl Entity for Mfa {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "mfa";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// A recovery code that was not used yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoveryCode {
    /// Whose it is.
    pub user_id: Id<kinds::User>,
    /// The code's hash.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl RecoveryCode {
    fn key_of(user: Id<kinds::User>, hash: &str) -> Key {
        Key::new(format!("USER#{user}"), format!("RECOVERY#{hash}"))
    }
}

impl Entity for RecoveryCode {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "recovery_code";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, &self.hash)
    }
}

/// The password was right, the second factor is still to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MfaChallenge {
    /// SHA-256 of the challenge token, in hexadecimal.
    pub hash: String,
    /// Who logs in.
    pub user_id: Id<kinds::User>,
    /// Codes tried so far.
    #[serde(default)]
    pub tries: u32,
    /// The hash that the password was verified against; none after a login through a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_hash: Option<Secret<String>>,
    /// Whether the answer brings a deleted account back.
    #[serde(default)]
    pub restores: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub valid_until: Timestamp,
}

impl MfaChallenge {
    /// A challenge, with the token that the client sends back.
    pub fn generate(
        ambient: &Ambient,
        user_id: Id<kinds::User>,
        verified_hash: Option<Secret<String>>,
    ) -> (Self, Secret<String>) {
        let token = ambient.token::<32>();
        let now = ambient.now();
        let hash = OneTimeToken::hash_of(&token);
        let valid_until = now + CHALLENGE_LIFE;
        let challenge =
            Self { hash, user_id, tries: 0, verified_hash, restores: false, created_at: now, valid_until };
        (challenge, Secret::new(token))
    }

    fn key_of(hash: &str) -> Key {
        Key::new(format!("CHALLENGE#{hash}"), "CHALLENGE")
    }
}

impl Entity for MfaChallenge {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "mfa_challenge";

    fn key(&self) -> Key {
        Self::key_of(&self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.valid_until.as_second())
    }
}

/// A second factor that was checked and is now to be used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// The TOTP code of this time step.
    Step(u64),
    /// The recovery code with this hash.
    Recovery(String),
}

/// The second factors.
pub struct SecondFactors<'a>(&'a Store);

impl Store {
    /// The second factors.
    pub fn second_factors(&self) -> SecondFactors<'_> {
        SecondFactors(self)
    }
}

impl SecondFactors<'_> {
    /// The second factor of a user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(&self, user: Id<kinds::User>) -> Result<Option<Mfa>, StoreError> {
        self.0.get(Mfa::key_of(user), Consistency::Strong).await
    }

    /// The recovery codes that are left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recovery_codes(&self, user: Id<kinds::User>) -> Result<Vec<RecoveryCode>, StoreError> {
        let query = Query::partition(User::key_of(user).pk).prefix("RECOVERY#");
        let items = self.0.query_all(Table::Identity, query).await?;
        items.into_iter().map(crate::from_item).collect()
    }

    /// Keeps a secret that is not confirmed yet, in place of an earlier unconfirmed one; `false` when a second factor is on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_up(&self, mfa: &Mfa) -> Result<bool, StoreError> {
        let transaction = self.0.transaction().put_when("mfa", mfa, Some(Condition::HasNot("enabled_at")));
        happened(transaction.commit().await)
    }

    /// Turns the second factor on, with new recovery codes and none from before, with the step of the code that confirmed it; `false` when it is on already or the secret was
    /// set up anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enable(
        &self,
        mfa: &Mfa,
        step: u64,
        recovery: &[RecoveryCode],
        event: &SecurityEvent,
    ) -> Result<bool, StoreError> {
        let confirm = Update::of::<Mfa>(mfa.key())
            .set("enabled_at", event.at)
            .set("last_step", step)
            .when(Condition::HasNot("enabled_at"))
            .when(Condition::equals("sealed_secret", mfa.sealed_secret.expose()));
        let user =
            Update::of::<User>(User::key_of(mfa.user_id)).set("mfa_enabled", true).when(Condition::Exists);
        let user = user.set("mfa_enabled_at", event.at);
        let mut transaction = self.0.transaction().update("mfa", confirm).update("user", user);
        // What a disable that died has left must not open the new factor.
        for old in self.recovery_codes(mfa.user_id).await? {
            transaction = transaction.delete("old", Table::Identity, old.key(), None);
        }
        for code in recovery {
            transaction = transaction.put("code", code);
        }
        happened(transaction.put_new_from("event", event).commit().await)
    }

    /// Turns the second factor off; `false` when the factor was used up meanwhile or it was off already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disable(
        &self,
        user: Id<kinds::User>,
        factor: &SecondFactor,
        event: &SecurityEvent,
    ) -> Result<bool, StoreError> {
        let mut usable = Condition::Has("enabled_at");
        if let SecondFactor::Step(step) = factor {
            usable = usable.and(Condition::compare("last_step", "<", step));
        }
        let update = Update::of::<User>(User::key_of(user)).set("mfa_enabled", false).when(Condition::Exists);
        let mut transaction = self
            .0
            .transaction()
            .delete("mfa", Table::Identity, Mfa::key_of(user), Some(usable))
            .update("user", update)
            .put_new_from("event", event);
        if let SecondFactor::Recovery(_) = factor {
            transaction = transaction.use_second_factor("factor", user, factor);
        }
        let done = happened(transaction.commit().await)?;
        if done {
            for code in self.recovery_codes(user).await? {
                self.0.delete(Table::Identity, code.key()).await?;
            }
        }
        Ok(done)
    }

    /// Replaces all recovery codes, with the code that allowed it used up; `false` when that was used meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_recovery_codes(
        &self,
        user: Id<kinds::User>,
        factor: &SecondFactor,
        codes: &[RecoveryCode],
        event: &SecurityEvent,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.0.transaction().use_second_factor("factor", user, factor);
        for old in self.recovery_codes(user).await? {
            if *factor != SecondFactor::Recovery(old.hash.clone()) {
                // Of two renewals at once the later one finds a code gone that it read.
                transaction = transaction.delete("old", Table::Identity, old.key(), Some(Condition::Exists));
            }
        }
        for code in codes {
            transaction = transaction.put("new", code);
        }
        happened(transaction.put_new_from("event", event).commit().await)
    }

    /// Uses a second factor up to prove who is there in a session that goes on; `false` when it was used meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show(&self, user: Id<kinds::User>, factor: &SecondFactor) -> Result<bool, StoreError> {
        happened(self.0.transaction().use_second_factor("factor", user, factor).commit().await)
    }

    /// Uses a challenge and the second factor that answers it up, where no session begins with it; `false` when either was used
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answer(&self, challenge: &MfaChallenge, factor: &SecondFactor) -> Result<bool, StoreError> {
        let transaction = self.0.transaction().use_challenge("challenge", challenge);
        happened(transaction.use_second_factor("factor", challenge.user_id, factor).commit().await)
    }

    /// Begins a challenge.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn challenge(&self, challenge: &MfaChallenge) -> Result<(), StoreError> {
        self.0.put(challenge).await
    }

    /// Counts a try for the challenge with this token; `None` when there is none, it has ended or had its tries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn try_challenge(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<MfaChallenge>, StoreError> {
        let update = Update::of::<MfaChallenge>(MfaChallenge::key_of(&OneTimeToken::hash_of(token)))
            .add("tries", 1)
            .when(Condition::compare("tries", "<", CHALLENGE_TRIES))
            .when(Condition::compare("valid_until", ">", now));
        self.0.update_if(update).await
    }
}

impl Transaction<'_, &'static str> {
    /// Uses a challenge up.
    #[must_use]
    pub(crate) fn use_challenge(self, label: &'static str, challenge: &MfaChallenge) -> Self {
        self.delete(label, Table::Identity, challenge.key(), Some(Condition::Exists))
    }

    /// Uses a second factor up: of any number of racers with one code one succeeds.
    #[must_use]
    pub(crate) fn use_second_factor(
        self,
        label: &'static str,
        user: Id<kinds::User>,
        factor: &SecondFactor,
    ) -> Self {
        match factor {
            SecondFactor::Step(step) => {
                let update = Update::of::<Mfa>(Mfa::key_of(user))
                    .set("last_step", step)
                    .when(Condition::compare("last_step", "<", step))
                    .when(Condition::Has("enabled_at"));
                self.update(label, update)
            }
            SecondFactor::Recovery(hash) => {
                self.delete(label, Table::Identity, RecoveryCode::key_of(user, hash), Some(Condition::Exists))
            }
        }
    }
}
