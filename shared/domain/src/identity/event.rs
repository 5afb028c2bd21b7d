//! What the platform remembers about the safety of an account, and which of it the owner is told by mail.

use serde::{Deserialize, Serialize};

/// Something that happened to the security of an account. Shown in `GET /auth/events`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SecurityEventKind {
    /// The account was made.
    Registered,
    /// The owner has shown that the address is his.
    EmailVerified,
    /// A session began on a known device.
    Login,
    /// A session began on a device that this account had not used before.
    NewDevice,
    /// Too many wrong passwords from one source: it must wait.
    LoginFailedLockout,
    /// A used refresh token came again: its session was ended.
    RefreshReused,
    /// The owner changed his password.
    PasswordChanged,
    /// Somebody asked for a link to set a new password.
    PasswordResetRequested,
    /// A new password was set through such a link.
    PasswordReset,
    /// A second factor was set up.
    MfaEnabled,
    /// The second factor was turned off.
    MfaDisabled,
    /// New recovery codes replaced the old ones.
    RecoveryCodesRenewed,
    /// A recovery code stood in for the second factor.
    RecoveryCodeUsed,
    /// A login of another provider was linked.
    SocialLinked,
    /// A login of another provider was unlinked.
    SocialUnlinked,
    /// An API key was made.
    ApiKeyCreated,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// The account has another address.
    EmailChanged,
    /// The account has another role.
    RoleChanged,
    /// An admin suspended, banned or restored the account.
    StatusChanged,
    /// An admin ended a lockout.
    Unlocked,
    /// The owner deleted the account; he may undo it for [`super::deletion::GRACE`].
    Deleted,
    /// The owner took back the deletion.
    Restored,
    /// The owner asked for all his data.
    Exported,
}

impl SecurityEventKind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::Registered,
        Self::EmailVerified,
        Self::Login,
        Self::NewDevice,
        Self::LoginFailedLockout,
        Self::RefreshReused,
        Self::PasswordChanged,
        Self::PasswordResetRequested,
        Self::PasswordReset,
        Self::MfaEnabled,
        Self::MfaDisabled,
        Self::RecoveryCodesRenewed,
        Self::RecoveryCodeUsed,
        Self::SocialLinked,
        Self::SocialUnlinked,
        Self::ApiKeyCreated,
        Self::ApiKeyRevoked,
        Self::EmailChanged,
        Self::RoleChanged,
        Self::StatusChanged,
        Self::Unlocked,
        Self::Deleted,
        Self::Restored,
        Self::Exported,
    ];

    /// The name as it is stored and shown, such as `password_changed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::EmailVerified => "email_verified",
            Self::Login => "login",
            Self::NewDevice => "new_device",
            Self::LoginFailedLockout => "login_failed_lockout",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::MfaEnabled => "mfa_enabled",
            Self::MfaDisabled => "mfa_disabled",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::SocialLinked => "social_linked",
            Self::SocialUnlinked => "social_unlinked",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::EmailChanged => "email_changed",
            Self::RoleChanged => "role_changed",
            Self::StatusChanged => "status_changed",
            Self::Unlocked => "unlocked",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Exported => "exported",
        }
    }

    /// Whether somebody who is not the owner, or not yet known to be, makes these as often as he likes.
    pub const fn strangers_provoke_it(self) -> bool {
        matches!(self, Self::NewDevice | Self::LoginFailedLockout)
    }

    /// Whether the owner is told by mail, whatever his preferences: all by which a thief would take or keep an account, and
    /// what can be undone only for a time. A request to reset a password, a registration and a verification have mails of
    /// their own, with the link that they need; a login on a known device is no news.
    pub const fn mails(self) -> bool {
        match self {
            Self::NewDevice
            | Self::LoginFailedLockout
            | Self::RefreshReused
            | Self::PasswordChanged
            | Self::PasswordReset
            | Self::MfaEnabled
            | Self::MfaDisabled
            | Self::RecoveryCodesRenewed
            | Self::RecoveryCodeUsed
            | Self::SocialLinked
            | Self::SocialUnlinked
            | Self::ApiKeyCreated
            | Self::ApiKeyRevoked
            | Self::EmailChanged
            | Self::RoleChanged
            | Self::StatusChanged
            | Self::Deleted
            | Self::Restored
            | Self::Exported => true,
            Self::Registered
            | Self::EmailVerified
            | Self::Login
            | Self::PasswordResetRequested
            | Self::Unlocked => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_is_written_as_it_is_named() {
        let names: BTreeSet<_> = SecurityEventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), SecurityEventKind::ALL.len());
        for kind in SecurityEventKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(serde_json::from_value::<SecurityEventKind>(kind.as_str().into()).unwrap(), kind);
        }
    }

    #[test]
    fn the_owner_is_told_what_a_thief_would_do() {
        let quiet: Vec<_> =
            SecurityEventKind::ALL.iter().filter(|k| !k.mails()).map(|k| k.as_str()).collect();
        assert_eq!(quiet, ["registered", "email_verified", "login", "password_reset_requested", "unlocked"]);
    }
}
