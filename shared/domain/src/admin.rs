//! What admins do to accounts, and the rules for it.

use serde::{Deserialize, Serialize};

use crate::identity::{Role, UserStatus};

/// Longest reason that an admin writes down, in characters.
pub const REASON_MAX: usize = 500;

/// Something that an admin did. Each is kept in a log that nobody can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdminActionKind {
    /// Gave it another role, another status, or both.
    StandingChanged,
    /// Ended a lockout.
    Unlocked,
    /// Ended all its sessions.
    SessionsEnded,
    /// Deleted a review that it wrote.
    ReviewDeleted,
    /// Made a plan. This and what follows, up to the promo codes, is about no account.
    PlanCreated,
    /// Changed a plan.
    PlanChanged,
    /// Made a promo code.
    PromoCreated,
    /// Changed a promo code.
    PromoChanged,
    /// Deleted a promo code that nobody had used.
    PromoDeleted,
    /// Agreed with a creator what part of sales he gets. It is about the creator's account.
    ShareChanged,
    /// Confirmed that the money of a bank transfer came. This and what follows is about the buyer's account.
    TransferConfirmed,
    /// Gave money of an order back.
    OrderRefunded,
    /// Gave money back that was set aside.
    SetAsideReturned,
    /// Dealt with something that was set aside in another way.
    SetAsideResolved,
    /// Suspended, resumed, ended or extended a student's enrolment. It is about the student's account.
    EnrollmentChanged,
    /// Took a certificate back. It is about the student's account.
    CertificateRevoked,
}

/// What an account may do and whether it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The role.
    pub role: Role,
    /// The status.
    pub status: UserStatus,
}

/// Why an admin may not change an account so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It is his own: were he the last admin, nobody could take it back.
    #[error("an admin can't change his own account")]
    OwnAccount,
    /// Its owner deleted it; only he can bring it back.
    #[error("the account is deleted")]
    Deleted,
    /// Deletion is its owner's.
    #[error("only its owner deletes an account")]
    DeletionIsTheOwners,
}

/// The standing after an admin's change; the same as before when nothing changes.
///
/// # Errors
/// [`NotAllowed`].
pub fn change(
    own_account: bool,
    before: Standing,
    role: Option<Role>,
    status: Option<UserStatus>,
) -> Result<Standing, NotAllowed> {
    if own_account {
        return Err(NotAllowed::OwnAccount);
    }
    if before.status == UserStatus::Deleted {
        return Err(NotAllowed::Deleted);
    }
    if status == Some(UserStatus::Deleted) {
        return Err(NotAllowed::DeletionIsTheOwners);
    }
    Ok(Standing { role: role.unwrap_or(before.role), status: status.unwrap_or(before.status) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDENT: Standing = Standing { role: Role::Student, status: UserStatus::Active };

    #[test]
    fn nobody_changes_himself_and_nobody_but_the_owner_deletes() {
        assert_eq!(change(true, STUDENT, Some(Role::Admin), None), Err(NotAllowed::OwnAccount));
        let deleted = Standing { status: UserStatus::Deleted, ..STUDENT };
        assert_eq!(change(false, deleted, None, Some(UserStatus::Active)), Err(NotAllowed::Deleted));
        let wish = Some(UserStatus::Deleted);
        assert_eq!(change(false, STUDENT, None, wish), Err(NotAllowed::DeletionIsTheOwners));
    }

    #[test]
    fn what_is_not_named_stays() {
        let instructor = change(false, STUDENT, Some(Role::Instructor), None).unwrap();
        assert_eq!(instructor, Standing { role: Role::Instructor, ..STUDENT });
        let suspended = change(false, instructor, None, Some(UserStatus::Suspended)).unwrap();
        assert_eq!(suspended, Standing { role: Role::Instructor, status: UserStatus::Suspended });
        assert_eq!(change(false, STUDENT, None, None), Ok(STUDENT));
    }
}
