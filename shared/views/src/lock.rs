//! Why a lesson is locked, for who asks for it and in the curriculum of who is enrolled.

use domain::learning::{Lock, LockReason};
use kernel::Timestamp;
use serde::Serialize;

/// A lesson that is locked.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LessonLock {
    /// Why.
    pub reason: LockReason,
    /// When its time comes, where that is why.
    pub opens_at: Option<Timestamp>,
}

impl LessonLock {
    /// What the student can do.
    pub const fn message(&self) -> &'static str {
        match self.reason {
            LockReason::NotYet => "The lesson is not open yet. Come back at details.opens_at.",
            LockReason::EarlierLessons => {
                "The lessons before this one must be completed first. GET /enrollments/{id} shows which are open."
            }
        }
    }
}

impl From<Lock> for LessonLock {
    fn from(lock: Lock) -> Self {
        Self { reason: lock.reason, opens_at: lock.opens_at }
    }
}
