//! Enrolments.

use std::fmt;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// State of an enrolment (seed 000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnrollmentStatus {
    /// Learns.
    Active,
    /// Its time is over.
    Expired,
    /// Stopped by an admin.
    Suspended,
    /// Has completed the course; may still watch.
    Completed,
}

impl fmt::Display for EnrollmentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Completed => "completed",
        })
    }
}

/// Whether an enrolment gives access now: active or completed, and not past its expiry.
pub fn gives_access(status: EnrollmentStatus, expiry: Option<Timestamp>, now: Timestamp) -> bool {
    matches!(status, EnrollmentStatus::Active | EnrollmentStatus::Completed)
        && expiry.is_none_or(|end| end > now)
}

impl EnrollmentStatus {
    /// The state after the last lesson was completed. Only who learns completes a course: what an admin has stopped stays stopped, and what is
    /// completed stays so.
    pub fn after_last_lesson(self) -> Option<Self> {
        (self == Self::Active).then_some(Self::Completed)
    }
}

/// What an admin does to an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminChange {
    /// Stops it until further notice.
    Suspend,
    /// Ends a suspension.
    Resume,
    /// Ends it now.
    Expire,
    /// Lets it end then; one that has ended begins again.
    Extend(Timestamp),
}

/// What decides what an enrolment becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// State.
    pub status: EnrollmentStatus,
    /// When it ends, where it does.
    pub expiry_date: Option<Timestamp>,
    /// Whether the course was completed.
    pub is_completed: bool,
    /// Whether something gives the right to it: an order, a plan, that the course was free.
    pub has_source: bool,
}

/// Why an admin can't change an enrolment so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// It has ended: there is nothing to stop or to resume.
    #[error("the enrolment has ended")]
    HasEnded,
    /// The day is not in the future.
    #[error("the day is not in the future")]
    NotInTheFuture,
}

impl Standing {
    /// What it is while nothing stops it.
    fn live(self, now: Timestamp) -> EnrollmentStatus {
        if !self.has_source || self.expiry_date.is_some_and(|end| end <= now) {
            return EnrollmentStatus::Expired;
        }
        if self.is_completed { EnrollmentStatus::Completed } else { EnrollmentStatus::Active }
    }

    /// The enrolment after an admin's change; the same as before where there is nothing to change. What was completed stays so.
    ///
    /// # Errors
    /// [`NotPossible`].
    pub fn change(self, change: AdminChange, now: Timestamp) -> Result<Self, NotPossible> {
        let ended = self.status == EnrollmentStatus::Expired;
        match change {
            AdminChange::Suspend if ended => Err(NotPossible::HasEnded),
            AdminChange::Suspend => Ok(Self { status: EnrollmentStatus::Suspended, ..self }),
            AdminChange::Resume if ended => Err(NotPossible::HasEnded),
            AdminChange::Resume if self.status == EnrollmentStatus::Suspended => {
                Ok(Self { status: self.live(now), ..self })
            }
            AdminChange::Expire if !ended => {
                Ok(Self { status: EnrollmentStatus::Expired, expiry_date: Some(now), ..self })
            }
            AdminChange::Resume | AdminChange::Expire => Ok(self),
            AdminChange::Extend(until) if until <= now => Err(NotPossible::NotInTheFuture),
            AdminChange::Extend(until) => {
                // Without another right to it the admin gives one.
                let extended = Self { expiry_date: Some(until), has_source: true, ..self };
                let stopped = self.status == EnrollmentStatus::Suspended;
                Ok(Self { status: if stopped { self.status } else { extended.live(now) }, ..extended })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_learns_completes_a_course() {
        use EnrollmentStatus::{Active, Completed, Expired, Suspended};
        let after = [Active, Expired, Suspended, Completed].map(EnrollmentStatus::after_last_lesson);
        assert_eq!(after, [Some(Completed), None, None, None]);
    }

    #[test]
    fn access_ends_with_the_expiry_and_with_the_states_that_stop_it() {
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-06-01T00:00:01Z".parse().unwrap();
        for (status, expiry, access) in [
            (EnrollmentStatus::Active, None, true),
            (EnrollmentStatus::Completed, None, true),
            (EnrollmentStatus::Active, Some(later), true),
            (EnrollmentStatus::Active, Some(now), false),
            (EnrollmentStatus::Expired, None, false),
            (EnrollmentStatus::Suspended, Some(later), false),
        ] {
            assert_eq!(gives_access(status, expiry, now), access, "{status:?} {expiry:?}");
        }
    }

    fn standing(status: EnrollmentStatus, end: Option<Timestamp>) -> Standing {
        Standing { status, expiry_date: end, is_completed: false, has_source: true }
    }

    #[test]
    fn an_admin_stops_ends_and_extends() {
        use AdminChange::{Expire, Extend, Resume, Suspend};
        use EnrollmentStatus::{Active, Completed, Expired, Suspended};
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-07-01T00:00:00Z".parse().unwrap();
        let (end, over) = (Some(later), Some(now));
        let done = |status, end| Standing { is_completed: true, ..standing(status, end) };
        let bare = |status, end| Standing { has_source: false, ..standing(status, end) };
        for (before, change, after) in [
            (standing(Active, None), Suspend, Ok(standing(Suspended, None))),
            (done(Completed, end), Suspend, Ok(done(Suspended, end))),
            (standing(Suspended, None), Suspend, Ok(standing(Suspended, None))),
            (standing(Expired, over), Suspend, Err(NotPossible::HasEnded)),
            (standing(Suspended, end), Resume, Ok(standing(Active, end))),
            (done(Suspended, None), Resume, Ok(done(Completed, None))),
            (standing(Suspended, over), Resume, Ok(standing(Expired, over))),
            (bare(Suspended, None), Resume, Ok(bare(Expired, None))),
            (standing(Active, None), Resume, Ok(standing(Active, None))),
            (standing(Expired, over), Resume, Err(NotPossible::HasEnded)),
            (standing(Active, None), Expire, Ok(standing(Expired, over))),
            (done(Completed, end), Expire, Ok(done(Expired, over))),
            (standing(Suspended, None), Expire, Ok(standing(Expired, over))),
            (bare(Expired, None), Expire, Ok(bare(Expired, None))),
            (standing(Active, None), Extend(later), Ok(standing(Active, end))),
            (done(Expired, over), Extend(later), Ok(done(Completed, end))),
            (bare(Expired, None), Extend(later), Ok(standing(Active, end))),
            (standing(Suspended, None), Extend(later), Ok(standing(Suspended, end))),
            (standing(Active, None), Extend(now), Err(NotPossible::NotInTheFuture)),
        ] {
            assert_eq!(before.change(change, now), after, "{before:?} {change:?}");
        }
    }
}
