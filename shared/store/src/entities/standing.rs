//! What the check of a request reads: the session, and what its user may do at this moment.
//!
//! Role and status stand in one place, the user's item, and are read from there strongly. So a change of role or a ban is one write,
//! whatever sessions and API keys the user has and whether an index shows them yet.

use domain::identity::{Role, UserStatus};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    session::{Session, Sessions},
    user::{User, Users},
};
use crate::{Condition, Entity, Key, StoreError, Table, Update};

/// What a check needs of a [`Session`] and of a [`User`]: nothing else leaves the table.
const READ: &str = "id, user_id, created_at, valid_until, revoked_at, authenticated_at, role, status, sessions_ended_at, \
                    session_kept";

/// The part of a [`Session`] that decides whether it is live.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionFacts {
    /// The `sid` of access tokens.
    pub id: Id<kinds::Session>,
    /// Whose session it is.
    pub user_id: Id<kinds::User>,
    /// When the user last proved who he is.
    pub authenticated_at: Timestamp,
    /// The login.
    pub created_at: Timestamp,
    /// When the refresh token stops working.
    pub valid_until: Timestamp,
    /// When it was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl From<&Session> for SessionFacts {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id,
            user_id: session.user_id,
            authenticated_at: session.authenticated_at,
            created_at: session.created_at,
            valid_until: session.valid_until,
            revoked_at: session.revoked_at,
        }
    }
}

impl Entity for SessionFacts {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = Session::TYPE;

    fn key(&self) -> Key {
        Session::key_of(self.id)
    }
}

/// The part of a [`User`] that decides what he may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// The user.
    pub id: Id<kinds::User>,
    /// What he may do.
    pub role: Role,
    /// Whether the account works.
    pub status: UserStatus,
    /// Sessions that began at or before this moment have ended, all at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_ended_at: Option<Timestamp>,
    /// The one session that did not end with them: that in which the user changed his password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_kept: Option<Id<kinds::Session>>,
}

impl Entity for Standing {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = User::TYPE;

    fn key(&self) -> Key {
        User::key_of(self.id)
    }
}

impl Standing {
    /// Whether a session of this user is live.
    pub fn allows(&self, session: &SessionFacts, now: Timestamp) -> bool {
        session.user_id == self.id
            && session.revoked_at.is_none()
            && session.valid_until > now
            && (self.sessions_ended_at.is_none_or(|ended| session.created_at > ended)
                || self.session_kept == Some(session.id))
    }

    /// Whether the account may have sessions at all.
    pub const fn may_log_in(&self) -> bool {
        matches!(self.status, UserStatus::Active | UserStatus::Suspended)
    }
}

impl Sessions<'_> {
    /// A session and the standing of its user: one batch, strongly consistent. `None` when either is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check(
        &self,
        id: Id<kinds::Session>,
        user: Id<kinds::User>,
    ) -> Result<Option<(SessionFacts, Standing)>, StoreError> {
        let batch = self.0.batch().with::<SessionFacts>(Session::key_of(id));
        let found = batch.with::<Standing>(User::key_of(user)).only(Table::Identity, READ).read().await?;
        Ok(found.one()?.zip(found.one()?))
    }
}

/// Ends all sessions of a user that began until `now`, but one that may be kept: part of an update of his item, so that it holds whatever
/// sessions an index shows and wherever the caller dies. The one place that writes either attribute.
pub(crate) fn ending_sessions(update: Update, kept: Option<Id<kinds::Session>>, now: Timestamp) -> Update {
    let update = update.set("sessions_ended_at", now);
    match kept {
        Some(session) => update.set("session_kept", session),
        None => update.remove("session_kept"),
    }
}

impl Users<'_> {
    /// Ends every session of a user that began until now, at his own wish: one write, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_own_sessions(&self, id: Id<kinds::User>, now: Timestamp) -> Result<(), StoreError> {
        let update = Update::of::<User>(User::key_of(id)).when(Condition::Exists);
        self.0.update_if::<User>(ending_sessions(update, None, now)).await.map(|_| ())
    }

    /// What a user may do now: one read, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn standing(&self, id: Id<kinds::User>) -> Result<Option<Standing>, StoreError> {
        let batch = self.0.batch().with::<Standing>(User::key_of(id)).only(Table::Identity, READ);
        batch.read().await?.one()
    }
}
