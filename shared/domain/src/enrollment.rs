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

#[cfg(test)]
mod tests {
    use super::*;

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
}
