//! What an account may do, whether it works, and what a mailed token is for.

use kernel::SignedDuration;
use serde::{Deserialize, Serialize};

/// What a user may do. Each role may do all that the ones before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Learns.
    Student,
    /// Teaches: has a channel, makes courses.
    Instructor,
    /// Runs the platform.
    Admin,
}

/// Whether an account works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserStatus {
    /// Works.
    Active,
    /// May read, may not write.
    Suspended,
    /// May not log in.
    Banned,
    /// Deleted by its owner.
    Deleted,
}

/// What a token that is mailed may be used for. Each works once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPurpose {
    /// Shows that the address is the owner's.
    VerifyEmail,
    /// Sets a new password (seed 003, PasswordResetToken).
    ResetPassword,
}

impl Role {
    /// The name as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Instructor => "instructor",
            Self::Admin => "admin",
        }
    }
}

impl UserStatus {
    /// The name as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Banned => "banned",
            Self::Deleted => "deleted",
        }
    }
}

impl TokenPurpose {
    /// How long the token works: an hour where it gives the account away (seed 003), a day where it does not.
    pub const fn life(self) -> SignedDuration {
        match self {
            Self::VerifyEmail => SignedDuration::from_hours(24),
            Self::ResetPassword => SignedDuration::from_hours(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_by_what_they_may() {
        assert!(Role::Student < Role::Instructor && Role::Instructor < Role::Admin);
    }

    #[test]
    fn roles_and_states_are_written_as_they_are_named() {
        for role in [Role::Student, Role::Instructor, Role::Admin] {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        for status in [UserStatus::Active, UserStatus::Suspended, UserStatus::Banned, UserStatus::Deleted] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
