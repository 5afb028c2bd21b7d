//! What a user says about himself.

use domain::identity::{AlwaysSent, Language, Preferences, UserStatus};
use jiff::civil::Date;
use kernel::{Id, Secret, Timestamp, id::kinds};

use super::{User, Users};
use crate::{Condition, StoreError, Update};

/// Tries against other changes of the same user.
pub(crate) const PREFERENCE_ROUNDS: usize = 8;

/// What a user may change himself; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChanges {
    /// Given name.
    pub first_name: Option<Secret<String>>,
    /// Family name.
    pub last_name: Option<Secret<String>>,
    /// A few words.
    pub bio: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Telephone number in its stored form; empty removes it.
    pub phone: Option<Secret<String>>,
    /// Date of birth.
    pub birthdate: Option<Secret<Date>>,
    /// Time zone; empty for none.
    pub timezone: Option<String>,
    /// Language.
    pub language: Option<Language>,
}

impl Users<'_> {
    /// Changes what a user says about himself; `None` when the account is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_profile(
        &self,
        user: Id<kinds::User>,
        changes: ProfileChanges,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let mut update = Update::of::<User>(User::key_of(user))
            .set_some("first_name", changes.first_name)
            .set_some("last_name", changes.last_name)
            .set_some("bio", changes.bio)
            .set_some("country", changes.country)
            .set_some("birthdate", changes.birthdate)
            .set_some("timezone", changes.timezone)
            .set_some("language", changes.language)
            .set("updated_at", now)
            .when(Condition::one_of("status", [UserStatus::Active, UserStatus::Suspended]));
        update = match changes.phone {
            Some(phone) if phone.expose().is_empty() => update.remove("phone"),
            phone => update.set_some("phone", phone),
        };
        self.0.update_if::<User>(update).await
    }

    /// Changes which mails a user wants; `Ok(Err(_))` where `change` refuses, `Ok(Ok(false))` when the account is gone. A read and a
    /// write, again when the user changed his preferences in between. The plan of his next digest stays: the job that finds it due asks
    /// for his preferences. [`super::super::notification::Notifications::change_preferences`] changes both.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_preferences(
        &self,
        user: Id<kinds::User>,
        change: impl Fn(&mut Preferences) -> Result<(), AlwaysSent>,
    ) -> Result<Result<bool, AlwaysSent>, StoreError> {
        for _ in 0..PREFERENCE_ROUNDS {
            let (before, after) = match self.decide(user, &change).await? {
                Ok(Some(decided)) => decided,
                Ok(None) => return Ok(Ok(false)),
                Err(refused) => return Ok(Err(refused)),
            };
            if after == before.preferences
                || self.0.update_if::<User>(preferring(&before, &after)).await?.is_some()
            {
                return Ok(Ok(true));
            }
        }
        Err(StoreError::Throttled)
    }

    /// A user with what his preferences become by a change: one read. `None` when the account is gone.
    pub(crate) async fn decide(
        &self,
        user: Id<kinds::User>,
        change: impl Fn(&mut Preferences) -> Result<(), AlwaysSent>,
    ) -> Result<Result<Option<(User, Preferences)>, AlwaysSent>, StoreError> {
        let Some(before) = self.get(user).await?.filter(|user| user.status != UserStatus::Deleted) else {
            return Ok(Ok(None));
        };
        let mut after = before.preferences.clone();
        Ok(change(&mut after).map(|()| Some((before, after))))
    }
}

/// The change of a user's preferences, which happens only where they are still what they were.
pub(crate) fn preferring(before: &User, after: &Preferences) -> Update {
    let same = Condition::equals("preferences", &before.preferences);
    let update = Update::of::<User>(User::key_of(before.id)).set("preferences", after);
    // A user from before there were preferences has none stored.
    update.when(Condition::Exists).when(same.or(Condition::HasNot("preferences")))
}
