//! Lists of users, and changes of what they may do.

use domain::{
    admin::Standing,
    identity::{Role, UserStatus},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{User, Users};
use crate::{
    Condition, Position, Query, QueryPage, StoreError, TransactionError, Update,
    entities::{
        admin_action::{Acted, AdminAction},
        security_event::SecurityEvent,
        standing::ending_sessions,
    },
    from_item,
};

/// The partition of index 1 that lists who asked to become an instructor, the first first.
const INSTRUCTOR_REQUESTS: &str = "INSTRUCTOR_REQUESTS";

impl User {
    /// The standing.
    pub fn standing(&self) -> Standing {
        Standing { role: self.role, status: self.status }
    }

    /// Ends his request to become an instructor, in his item and in the list: it was decided, or has no object any more.
    pub(crate) fn without_request(update: Update) -> Update {
        update.remove("instructor_requested_at").remove("gsi1pk").remove("gsi1sk")
    }

    /// An update that gives the user another standing, in his item and in the lists: the one place that writes either. Any decision
    /// about him ends his request to become an instructor.
    pub(crate) fn restand(id: Id<kinds::User>, before: Standing, after: Standing, now: Timestamp) -> Update {
        let update = Update::of::<Self>(Self::key_of(id))
            .set("role", after.role)
            .set("status", after.status)
            .set("gsi2pk", Self::admin_partition(after.role, after.status))
            .set("updated_at", now)
            .when(Condition::equals("role", before.role))
            .when(Condition::equals("status", before.status));
        let update = match after.status {
            // What began before the ban stays ended when it is lifted.
            UserStatus::Banned => ending_sessions(update, None, now),
            _ => update,
        };
        Self::without_request(update)
    }
}

impl Users<'_> {
    /// A page of the users of one role and status, the newest first. A change of either moves a user some milliseconds later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_standing(
        &self,
        role: Role,
        status: UserStatus,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<User>, StoreError> {
        let query = Query::index(2, User::admin_partition(role, status)).backward();
        self.0.query(query.after(start).limit(limit)).await
    }

    /// A page of the users who asked to become instructors, who asked first comes first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn instructor_requests(
        &self,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<User>, StoreError> {
        self.0.query(Query::index(1, INSTRUCTOR_REQUESTS).after(start).limit(limit)).await
    }

    /// Gives a user another standing as an admin: one transaction with the log, the events and the check that the admin is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_standing(
        &self,
        user: Id<kinds::User>,
        (before, after): (Standing, Standing),
        action: &AdminAction,
        events: &[SecurityEvent],
    ) -> Result<Acted, StoreError> {
        let update = User::restand(user, before, after, action.at);
        Acted::of(self.0.admin_transaction(action, events).update("user", update).commit().await)
    }

    /// Ends every session of a user that began until now, as an admin: one transaction with the log and the events. It holds
    /// whatever sessions an index shows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions(
        &self,
        user: Id<kinds::User>,
        action: &AdminAction,
        events: &[SecurityEvent],
    ) -> Result<Acted, StoreError> {
        let update = Update::of::<User>(User::key_of(user)).when(Condition::Exists);
        let update = ending_sessions(update, None, action.at);
        Acted::of(self.0.admin_transaction(action, events).update("user", update).commit().await)
    }

    /// Makes an active student an instructor at his own wish, with the event; `false` when he is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn become_instructor(
        &self,
        user: Id<kinds::User>,
        event: &SecurityEvent,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = Standing { role: Role::Student, status: UserStatus::Active };
        let update = User::restand(user, before, Standing { role: Role::Instructor, ..before }, now);
        match self.0.transaction().update("user", update).put_new_from("event", event).commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Notes that an active student asks to become an instructor; the first time counts. `None` when he is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn request_instructor(
        &self,
        user: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let update = Update::of::<User>(User::key_of(user))
            .set_if_absent("instructor_requested_at", now)
            .set_if_absent("gsi1pk", INSTRUCTOR_REQUESTS)
            // Three decimals always: without them a whole second would sort after its own fractions.
            .set_if_absent("gsi1sk", format!("{now:.3}#{user}"))
            .when(Condition::equals("role", Role::Student))
            .when(Condition::equals("status", UserStatus::Active));
        match self.0.update(update).await {
            Ok(item) => from_item(item).map(Some),
            Err(StoreError::ConditionFailed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
