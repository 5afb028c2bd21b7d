//! Certificates to be issued.

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue, Received};

/// Somebody is to get a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Certify {
    /// A student has completed a course.
    Issue {
        /// The student.
        user_id: Id<kinds::User>,
        /// His enrolment.
        enrollment_id: Id<kinds::Enrollment>,
    },
}

impl Message for Certify {
    const QUEUE: Queue = Queue::Certify;
    const NAME: &'static str = "certify";
    const VERSION: u16 = 1;
}

impl Certify {
    /// The message for an enrolment that was completed then: the same one however often it is sent.
    pub fn completed(
        user_id: Id<kinds::User>,
        enrollment_id: Id<kinds::Enrollment>,
        at: kernel::Timestamp,
    ) -> Received<Self> {
        let event_id = Id::of_text(format!("certify {enrollment_id}"));
        Received { event_id, occurred_at: at, message: Self::Issue { user_id, enrollment_id } }
    }
}
