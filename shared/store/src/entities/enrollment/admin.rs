//! How admins stop, end and extend enrolments, and how those end whose time is over.

use domain::{
    commerce::{Source, SourceKey},
    enrollment::{EnrollmentStatus, Standing},
    sweep::SweepKind,
};
use kernel::{Id, Timestamp, id::kinds};

use super::{
    Enrollment, EnrollmentGuard, Enrollments, GUARD,
    access_change::{AccessChange, LearnerChange},
};
use crate::{
    Query, StoreError, Transaction,
    entities::{AdminAction, Sweep, admin_action::Acted},
    transaction::happened,
};

impl Enrollment {
    /// What decides what it may become.
    pub fn standing(&self) -> Standing {
        Standing {
            status: self.status,
            expiry_date: self.expiry_date,
            is_completed: self.completed_at.is_some(),
            has_source: !self.sources().is_empty(),
        }
    }

    /// The change to another standing. Where nothing gave the right to it before, it has it from an admin.
    fn restand(&self, after: Standing, now: Timestamp) -> AccessChange {
        let mut sources = self.sources();
        if after.has_source && sources.is_empty() {
            sources.grant(SourceKey::Admin, Source { granted_at: now, item_id: None });
        }
        let change = self.access_change(&sources, after.status, now);
        AccessChange { update: change.update.set("expiry_date", after.expiry_date), ..change }
    }

    /// The reminder of its end.
    fn reminder(&self, end: Timestamp) -> Sweep {
        Sweep {
            kind: SweepKind::Enrollment,
            due_at: end,
            subject: self.id.to_string(),
            video_id: None,
            version: 0,
            upload_id: None,
            user_id: Some(self.user_id),
            attempt: 0,
        }
    }
}

/// Adds a change and the counts that follow from it.
fn write<'a>(
    transaction: Transaction<'a>,
    change: AccessChange,
    user: Id<kinds::User>,
    now: Timestamp,
) -> Transaction<'a> {
    let mut learner = LearnerChange::default();
    learner.moved(change.from, change.to);
    let transaction = transaction.update("enrollment", change.update);
    match learner.update(user, now) {
        Some(stats) => transaction.update("stats", stats),
        None => transaction,
    }
}

impl Enrollments<'_> {
    /// An enrolment whose student is not known, for admins: one query of index 1, which may be some milliseconds behind, and a read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: Id<kinds::Enrollment>) -> Result<Option<Enrollment>, StoreError> {
        let query = Query::index(1, format!("ENROLLMENT#{id}")).prefix(GUARD).limit(1);
        match self.0.query::<EnrollmentGuard>(query).await?.items.pop() {
            Some(guard) => self.get(guard.user_id, id).await,
            None => Ok(None),
        }
    }

    /// Gives an enrolment another standing as an admin, if it is as it was read: one transaction with the log, the learner's counts, and the
    /// reminder of its new end where it has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_standing(
        &self,
        enrollment: &Enrollment,
        after: Standing,
        action: &AdminAction,
    ) -> Result<Acted, StoreError> {
        let transaction = self.0.admin_transaction(action, &[]);
        let change = enrollment.restand(after, action.at);
        let mut transaction = write(transaction, change, enrollment.user_id, action.at);
        if let Some(end) = after.expiry_date.filter(|end| *end > action.at) {
            transaction = transaction.put("reminder", &enrollment.reminder(end));
        }
        Acted::of(transaction.commit().await)
    }

    /// Ends an enrolment whose time is over: a read, and one transaction with the learner's counts. Nothing changes where it was extended, has
    /// ended, is suspended or gone. For the janitor, on a reminder.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::ConditionFailed`] when it was changed at the same time.
    pub async fn end_overdue(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Enrollment>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(enrollment) = self.get(user, id).await? else { return Ok(()) };
        let lives = matches!(enrollment.status, EnrollmentStatus::Active | EnrollmentStatus::Completed);
        if !lives || enrollment.expiry_date.is_none_or(|end| end > now) {
            return Ok(());
        }
        let after = Standing { status: EnrollmentStatus::Expired, ..enrollment.standing() };
        let change = enrollment.restand(after, now);
        let ended = write(self.0.transaction(), change, user, now).commit().await;
        match happened(ended)? {
            true => Ok(()),
            false => Err(StoreError::ConditionFailed(None)),
        }
    }
}
