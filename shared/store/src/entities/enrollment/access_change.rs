//! How the right to a course comes and goes, and how the counts of a learner follow.

use domain::{
    commerce::{Source, SourceKey, Sources},
    enrollment::EnrollmentStatus,
};
use kernel::{Id, Timestamp, id::kinds};

use super::{Enrollment, LearnerStats};
use crate::{Condition, Entity as _, Update};

/// A change of the right to a course: what to write, and from which state to which the enrolment goes.
pub(crate) struct AccessChange {
    pub(crate) update: Update,
    pub(crate) from: EnrollmentStatus,
    pub(crate) to: EnrollmentStatus,
}

impl Enrollment {
    /// The change that adds a source; `None` where it has it already. A right that had ended comes back, and a day on which it would have
    /// ended goes: what was bought has no end. What an admin has suspended stays so.
    pub(crate) fn grant(&self, key: SourceKey, source: Source, now: Timestamp) -> Option<AccessChange> {
        let mut sources = self.sources();
        if !sources.grant(key, source) {
            return None;
        }
        let to = match (self.status, self.completed_at) {
            (EnrollmentStatus::Expired, Some(_)) => EnrollmentStatus::Completed,
            (EnrollmentStatus::Expired, None) => EnrollmentStatus::Active,
            (status, _) => status,
        };
        let change = self.access_change(&sources, to, now);
        Some(AccessChange { update: change.update.remove("expiry_date"), ..change })
    }

    /// The change that takes a source away; `None` where it does not have it. Without its last source it expires.
    pub(crate) fn revoke(&self, key: SourceKey, now: Timestamp) -> Option<AccessChange> {
        let mut sources = self.sources();
        if !sources.revoke(key) {
            return None;
        }
        let ends = sources.is_empty() && self.status != EnrollmentStatus::Suspended;
        let to = if ends { EnrollmentStatus::Expired } else { self.status };
        Some(self.access_change(&sources, to, now))
    }

    pub(super) fn access_change(
        &self,
        sources: &Sources,
        to: EnrollmentStatus,
        now: Timestamp,
    ) -> AccessChange {
        let unchanged = match self.access_revision {
            0 => Condition::HasNot("access_revision").or(Condition::equals("access_revision", 0)),
            revision => Condition::equals("access_revision", revision),
        };
        let update = Update::of::<Self>(self.key())
            .set("sources", sources)
            .set("status", to)
            .set("gsi2pk", Self::status_partition(self.user_id, to))
            .set("updated_at", now)
            .add("access_revision", 1)
            .when(Condition::Exists)
            .when(Condition::equals("status", self.status))
            .when(unchanged);
        AccessChange { update, from: self.status, to }
    }
}

/// How the counts of a learner change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LearnerChange {
    enrolled: i64,
    active: i64,
    completed: i64,
    suspended: i64,
    certificates: i64,
}

impl LearnerChange {
    /// Counts a new enrolment.
    pub(crate) fn enrolled(&mut self) {
        self.enrolled += 1;
        self.active += 1;
    }

    /// Counts a change of state.
    pub(crate) fn moved(&mut self, from: EnrollmentStatus, to: EnrollmentStatus) {
        for (status, by) in [(from, -1), (to, 1)] {
            match status {
                EnrollmentStatus::Active => self.active += by,
                EnrollmentStatus::Completed => self.completed += by,
                EnrollmentStatus::Suspended => self.suspended += by,
                // The rest of all enrolments.
                EnrollmentStatus::Expired => {}
            }
        }
    }

    /// Counts so many certificates more.
    pub(crate) fn certified(&mut self, by: i64) {
        self.certificates += by;
    }

    /// The change of the learner's counts, where there is one.
    pub(crate) fn update(self, user: Id<kinds::User>, now: Timestamp) -> Option<Update> {
        let counted = [
            ("enrollment_count", self.enrolled),
            ("active_count", self.active),
            ("completed_count", self.completed),
            ("suspended_count", self.suspended),
            ("certificates_earned", self.certificates),
        ];
        if counted.iter().all(|(_, by)| *by == 0) {
            return None;
        }
        let update = Update::upsert::<LearnerStats>(LearnerStats::key_of(user))
            .set("user_id", user)
            .set_if_absent("created_at", now)
            .set("updated_at", now);
        Some(
            counted
                .into_iter()
                .filter(|(_, by)| *by != 0)
                .fold(update, |update, (name, by)| update.add(name, by)),
        )
    }
}
