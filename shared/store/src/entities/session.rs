//! A login on one device: the family of its refresh tokens, of which at most one is live at a time.

use domain::identity::{
    Role, UserStatus,
    address::{is_whole, shortened},
    rotation::REFRESH_LIFE,
};
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{device::Device, security_event::SecurityEvent, user::User};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Query, Store, StoreError, Table, Update, from_item,
    transaction::happened,
};

/// A session. Every request reads it once (or finds it among those read in the last seconds), so it carries what an
/// authorisation needs: whose it is and in which role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The `sid` of access tokens.
    pub id: Id<kinds::Session>,
    /// Whose session it is.
    pub user_id: Id<kinds::User>,
    /// The user's role; a change of role changes it here too.
    pub role: Role,
    /// The user's status; a change of status changes it here too.
    #[serde(default = "active")]
    pub status: UserStatus,
    /// The device on which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<Id<kinds::Device>>,
    /// When the user last proved who he is, by password, second factor or provider.
    pub authenticated_at: Timestamp,
    /// SHA-256 of the live refresh token, in hexadecimal.
    pub refresh_hash: String,
    /// How often it was refreshed.
    #[serde(default)]
    pub generation: u32,
    /// The device as its User-Agent names it.
    #[serde(default)]
    pub device_info: String,
    /// The network address at the login, as long as it is kept whole.
    #[serde(default)]
    pub ip_address: String,
    /// Its network, which stays.
    #[serde(default)]
    pub network: String,
    /// The login.
    pub created_at: Timestamp,
    /// The last refresh.
    pub updated_at: Timestamp,
    /// When the refresh token stops working.
    pub valid_until: Timestamp,
    /// When it was ended, by a logout or because a used refresh token came again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

const fn active() -> UserStatus {
    UserStatus::Active
}

impl Session {
    /// A session of a user that begins now on a device, by a proof of who he is.
    pub fn new(
        id: Id<kinds::Session>,
        user: &User,
        device: &Device,
        refresh_hash: String,
        life: SignedDuration,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            user_id: user.id,
            role: user.role,
            status: user.status,
            device_id: Some(device.id),
            authenticated_at: now,
            refresh_hash,
            generation: 0,
            device_info: device.device_info.clone(),
            ip_address: device.ip_address.clone(),
            network: shortened(&device.ip_address),
            created_at: now,
            updated_at: now,
            valid_until: now + life,
            revoked_at: None,
        }
    }

    /// The key of a session.
    pub fn key_of(id: Id<kinds::Session>) -> Key {
        Key::new(format!("SESSION#{id}"), "SESSION")
    }

    /// The network address at the login as it is shown: whole as long as that is kept, then its network.
    pub fn origin(&self, now: Timestamp) -> &str {
        let whole = is_whole(self.created_at, now) && !self.ip_address.is_empty();
        if whole { &self.ip_address } else { &self.network }
    }

    /// Whether it is neither ended nor expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.valid_until > now
    }
}

impl Entity for Session {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "session";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("USER#{}", self.user_id), format!("SESSION#{}", self.id))]
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.valid_until.as_second())
    }
}

/// What became of an attempt to rotate a refresh token.
#[derive(Debug)]
pub enum Rotation {
    /// The new token is live now.
    Rotated(Box<Session>),
    /// The token was live once, but is not the live one: a replay.
    Reused(Box<Session>),
    /// There is no such live session.
    Gone,
}

/// The sessions.
pub struct Sessions<'a>(pub(crate) &'a Store);

impl Store {
    /// The sessions.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// The session by its id, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Session>) -> Result<Option<Session>, StoreError> {
        self.0.get(Session::key_of(id), Consistency::Strong).await
    }

    /// Replaces the live refresh token by the next one, in one conditional write: of any number of racers with the same
    /// token at most one succeeds (invariant 7). The last such write of a session's first 30 days takes its whole address away.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate(
        &self,
        id: Id<kinds::Session>,
        presented_hash: &str,
        next_hash: &str,
        now: Timestamp,
        valid_until: Timestamp,
    ) -> Result<Rotation, StoreError> {
        // Unless it is refreshed again it is gone when its refresh token ends, so this is the last write before its address is too old.
        let last_write =
            kernel::ambient::created_at(id).is_none_or(|begun| !is_whole(begun, now + REFRESH_LIFE));
        let update = Update::of::<Session>(Session::key_of(id))
            .set("refresh_hash", next_hash)
            .set("updated_at", now)
            .set("valid_until", valid_until)
            .set("expires_at", valid_until.as_second())
            .add("generation", 1)
            .when(Condition::equals("refresh_hash", presented_hash))
            .when(Condition::HasNot("revoked_at"))
            .when(Condition::compare("valid_until", ">", now));
        let update = if last_write { update.remove("ip_address") } else { update };
        match self.0.update(update).await {
            Ok(item) => Ok(Rotation::Rotated(Box::new(from_item(item)?))),
            Err(StoreError::ConditionFailed(Some(item))) => {
                let session: Session = from_item(*item)?;
                // Our own write, whose answer was lost on the way and which the SDK tried again.
                if session.refresh_hash == next_hash && session.is_live(now) {
                    return Ok(Rotation::Rotated(Box::new(session)));
                }
                let replayed = session.is_live(now) && session.refresh_hash != presented_hash;
                Ok(if replayed { Rotation::Reused(Box::new(session)) } else { Rotation::Gone })
            }
            Err(StoreError::ConditionFailed(None)) => Ok(Rotation::Gone),
            Err(error) => Err(error),
        }
    }

    /// Ends a session of this user; `false` when he has no such live session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Session>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::of::<Session>(Session::key_of(id))
            .set("revoked_at", now)
            .when(Condition::equals("user_id", user))
            .when(Condition::HasNot("revoked_at"));
        Ok(self.0.update_if::<Session>(update).await?.is_some())
    }

    /// Ends the session whose used refresh token came again, with the event that tells the owner; nothing when it has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_replayed(
        &self,
        event: &SecurityEvent,
        id: Id<kinds::Session>,
    ) -> Result<(), StoreError> {
        let end = Update::of::<Session>(Session::key_of(id))
            .set("revoked_at", event.at)
            .when(Condition::Exists)
            .when(Condition::HasNot("revoked_at"));
        let transaction = self.0.transaction().update("session", end).put_new_from("event", event);
        happened(transaction.commit().await).map(|_| ())
    }

    /// Ends all sessions of a user but the one that is given; gives those that it ended. The index may not yet show one
    /// that began in the last milliseconds, so a caller who must be sure ends his own by [`Sessions::revoke`] too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_all(
        &self,
        user: Id<kinds::User>,
        but: Option<Id<kinds::Session>>,
        now: Timestamp,
    ) -> Result<Vec<Id<kinds::Session>>, StoreError> {
        let mut ended = Vec::new();
        for session in self.of_user(user).await? {
            let concerned = session.is_live(now) && Some(session.id) != but;
            if concerned && self.revoke(user, session.id, now).await? {
                ended.push(session.id);
            }
        }
        Ok(ended)
    }

    /// Notes that the user proved who he is in this session, which opens dangerous changes for some minutes; `false` when
    /// the session has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn authenticated(&self, id: Id<kinds::Session>, now: Timestamp) -> Result<bool, StoreError> {
        let update = Update::of::<Session>(Session::key_of(id))
            .set("authenticated_at", now)
            .when(Condition::Exists)
            .when(Condition::HasNot("revoked_at"));
        Ok(self.0.update_if::<Session>(update).await?.is_some())
    }

    /// The user's sessions, the newest first. A session is in the index some milliseconds after its login.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(&self, user: Id<kinds::User>) -> Result<Vec<Session>, StoreError> {
        let query = Query::index(1, format!("USER#{user}")).prefix("SESSION#").backward();
        let items = self.0.query_all(User::TABLE, query).await?;
        items.into_iter().map(from_item).collect()
    }
}
