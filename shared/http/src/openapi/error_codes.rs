//! Which errors of its own an operation gives: what a client has to handle beside those that every operation may give. docs/errors.md says
//! what each means.

/// Codes by operation id. Those that every caller meets (`NOT_AUTHENTICATED`, `VALIDATION_FAILED`, `RATE_LIMITED` and the like) are not
/// repeated here.
const CODES: &[(&str, &[&str])] = &[
    ("register", &["EMAIL_TAKEN", "INSTRUCTOR_SIGNUP_CLOSED", "USERNAME_TAKEN"]),
    ("login", LOGIN),
    (
        "restore_account",
        &["ACCOUNT_BANNED", "ACCOUNT_ERASED", "ACCOUNT_LOCKED", "INVALID_CREDENTIALS", "NOT_DELETED"],
    ),
    ("verify_mfa", &["ACCOUNT_DELETED", "CHALLENGE_ENDED", "LOGIN_OUTDATED", "MFA_CODE_INVALID"]),
    ("refresh", &["REFRESH_TOKEN_INVALID", "REFRESH_TOKEN_REUSED"]),
    ("verify_email", &["TOKEN_INVALID"]),
    ("confirm_password_reset", &["TOKEN_INVALID"]),
    ("change_password", &["ACCOUNT_LOCKED", "NO_PASSWORD", "PASSWORD_CHANGED_MEANWHILE", "WRONG_PASSWORD"]),
    (
        "reauthenticate",
        &["ACCOUNT_LOCKED", "CODE_REQUIRED", "MFA_CODE_INVALID", "MFA_OFF", "NO_PASSWORD", "WRONG_PASSWORD"],
    ),
    ("setup_mfa", &["EMAIL_NOT_VERIFIED", "MFA_ON", "REAUTHENTICATION_REQUIRED"]),
    (
        "enable_mfa",
        &["ACCOUNT_LOCKED", "MFA_CODE_INVALID", "MFA_NOT_SET_UP", "MFA_ON", "REAUTHENTICATION_REQUIRED"],
    ),
    ("disable_mfa", &["ACCOUNT_LOCKED", "MFA_CODE_INVALID", "MFA_OFF", "WRONG_PASSWORD"]),
    ("renew_recovery_codes", &["ACCOUNT_LOCKED", "MFA_CODE_INVALID", "MFA_OFF", "REAUTHENTICATION_REQUIRED"]),
    (
        "start_social_login",
        &["EMAIL_NOT_VERIFIED", "PROVIDER_NOT_FOUND", "PROVIDER_UNAVAILABLE", "REAUTHENTICATION_REQUIRED"],
    ),
    (
        "finish_social_login",
        &[
            "ACCOUNT_BANNED",
            "ACCOUNT_DELETED",
            "CHANGED_MEANWHILE",
            "LINK_NEEDS_LOGIN",
            "LINK_REQUIRED",
            "PROVIDER_EMAIL_MISSING",
            "PROVIDER_LINKED",
            "PROVIDER_NOT_FOUND",
            "PROVIDER_UNAVAILABLE",
            "SOCIAL_ACCOUNT_TAKEN",
            "SOCIAL_LOGIN_FAILED",
            "SOCIAL_STATE_INVALID",
        ],
    ),
    ("unlink_social_account", &["LAST_WAY_IN", "REAUTHENTICATION_REQUIRED", "SOCIAL_ACCOUNT_NOT_FOUND"]),
    ("end_session", &["SESSION_NOT_FOUND"]),
    ("forget_device", &["DEVICE_NOT_FOUND"]),
    ("create_api_key", &["EMAIL_NOT_VERIFIED", "REAUTHENTICATION_REQUIRED", "TOO_MANY_API_KEYS"]),
    ("revoke_api_key", &["API_KEY_NOT_FOUND"]),
    ("delete_profile", &["CHANGED_MEANWHILE", "REAUTHENTICATION_REQUIRED"]),
    ("update_user", &["ACCOUNT_DELETED", "ADMINS_ONLY", "OWN_ACCOUNT", "USER_NOT_FOUND"]),
    ("end_user_sessions", &["ADMINS_ONLY", "OWN_ACCOUNT", "USER_NOT_FOUND"]),
];

const LOGIN: &[&str] =
    &["ACCOUNT_BANNED", "ACCOUNT_DELETED", "ACCOUNT_LOCKED", "INVALID_CREDENTIALS", "LOGIN_OUTDATED"];

/// The codes of an operation, in order.
pub(super) fn of(operation_id: &str) -> Option<&'static [&'static str]> {
    CODES.iter().find(|(id, _)| *id == operation_id).map(|(_, codes)| *codes)
}

/// How many operations are named.
pub(super) const fn count() -> usize {
    CODES.len()
}
