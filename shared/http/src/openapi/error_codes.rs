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
    (
        "get_video_page",
        &[
            "VIDEO_NOT_FOUND",
            "age_restricted",
            "birthdate_required",
            "country_blocked",
            "country_unknown",
            "login_required",
        ],
    ),
    ("forget_device", &["DEVICE_NOT_FOUND"]),
    ("create_api_key", &["EMAIL_NOT_VERIFIED", "REAUTHENTICATION_REQUIRED", "TOO_MANY_API_KEYS"]),
    ("revoke_api_key", &["API_KEY_NOT_FOUND"]),
    ("delete_profile", &["CHANGED_MEANWHILE", "REAUTHENTICATION_REQUIRED"]),
    ("update_user", &["ACCOUNT_DELETED", "ADMINS_ONLY", "OWN_ACCOUNT", "USER_NOT_FOUND"]),
    ("end_user_sessions", &["ADMINS_ONLY", "OWN_ACCOUNT", "USER_NOT_FOUND"]),
    ("get_certificate", &["CERTIFICATE_NOT_FOUND"]),
    (
        "get_certificate_document",
        &["CERTIFICATE_NOT_FOUND", "CERTIFICATE_NOT_READY", "CERTIFICATE_REVOKED", "ENROLLMENT_NOT_FOUND"],
    ),
    ("revoke_certificate", &["ADMINS_ONLY", "CERTIFICATE_NOT_FOUND"]),
    ("get_receipt", &["ORDER_NOT_FOUND", "RECEIPT_NOT_READY"]),
    ("add_cart_item", OFFER),
    ("remove_cart_item", &["CART_ITEM_NOT_FOUND"]),
    ("set_cart_promo", PROMO),
    ("add_wish", OFFER),
    ("remove_wish", &["WISH_NOT_FOUND"]),
    ("move_wish_to_cart", &["CART_FULL", "COURSE_NOT_FOUND", "CURRENCY_MISMATCH", "WISH_NOT_FOUND"]),
    (
        "create_order_from_cart",
        &[
            "AMOUNT_NOT_PAYABLE",
            "BANK_TRANSFER_NOT_OFFERED",
            "CART_BUSY",
            "CART_EMPTY",
            "CART_ITEMS_UNAVAILABLE",
            "GATEWAY_UNAVAILABLE",
            "ORDER_PAID_ALREADY",
            "PROMO_USED_UP",
        ],
    ),
    ("get_order", &["ORDER_NOT_FOUND"]),
    ("cancel_order", &["GATEWAY_UNAVAILABLE", "ORDER_NOT_FOUND", "ORDER_PAID_ALREADY"]),
    (
        "create_payment_intent",
        &[
            "AMOUNT_NOT_PAYABLE",
            "GATEWAY_UNAVAILABLE",
            "ORDER_CLOSED",
            "ORDER_NOT_FOUND",
            "ORDER_PAID_ALREADY",
            "PAYMENTS_NOT_SET_UP",
            "PAYMENT_METHOD_MISMATCH",
            "PAYMENT_UNDER_WAY",
        ],
    ),
    (
        "confirm_payment",
        &[
            "GATEWAY_UNAVAILABLE",
            "ORDER_CLOSED",
            "ORDER_NOT_FOUND",
            "PAYMENT_FAILED",
            "PAYMENT_NOT_FOUND",
            "PAYMENT_SET_ASIDE",
        ],
    ),
    (
        "take_stripe_event",
        &["GATEWAY_UNAVAILABLE", "PAYMENTS_NOT_SET_UP", "WEBHOOK_INVALID", "WEBHOOK_SIGNATURE_INVALID"],
    ),
    (
        "refund_order",
        &[
            "ADMINS_ONLY",
            "NOTHING_LEFT",
            "ORDER_DISPUTED",
            "ORDER_NOT_FOUND",
            "ORDER_NOT_PAID",
            "REFUND_REFUSED",
            "REFUND_TOO_MUCH",
        ],
    ),
    ("confirm_transfer", &["ADMINS_ONLY", "AMOUNT_DIFFERS", "ORDER_NOT_FOUND", "PAYMENT_METHOD_MISMATCH"]),
    ("list_set_asides", &["ADMINS_ONLY"]),
    (
        "refund_set_aside",
        &["ADMINS_ONLY", "GATEWAY_UNAVAILABLE", "NOTHING_LEFT", "REFUND_REFUSED", "SET_ASIDE_NOT_FOUND"],
    ),
    ("resolve_set_aside", &["ADMINS_ONLY", "SET_ASIDE_NOT_FOUND"]),
    ("get_creator_share", &["ADMINS_ONLY", "USER_NOT_FOUND"]),
    ("put_creator_share", &["ADMINS_ONLY", "CHANGED_MEANWHILE", "USER_NOT_FOUND"]),
    ("create_plan", &["ADMINS_ONLY", "GATEWAY_UNAVAILABLE", "PLAN_EXISTS"]),
    ("update_plan", &["ADMINS_ONLY", "CHANGED_MEANWHILE", "GATEWAY_UNAVAILABLE", "PLAN_NOT_FOUND"]),
    ("get_subscription", &["SUBSCRIPTION_NOT_FOUND"]),
    ("subscribe", SUBSCRIBE),
    (
        "preview_plan_change",
        &[
            "CURRENCY_MISMATCH",
            "PLAN_NOT_FOUND",
            "PLAN_NOT_OFFERED",
            "SAME_PLAN",
            "SUBSCRIPTION_ENDED",
            "SUBSCRIPTION_ENDING",
            "SUBSCRIPTION_NOT_ACTIVE",
            "SUBSCRIPTION_NOT_FOUND",
        ],
    ),
    (
        "change_plan",
        &[
            "CURRENCY_MISMATCH",
            "GATEWAY_UNAVAILABLE",
            "PAYMENT_DECLINED",
            "PLAN_NOT_FOUND",
            "PLAN_NOT_OFFERED",
            "PREVIEW_EXPIRED",
            "PRICE_CHANGED",
            "SAME_PLAN",
            "SUBSCRIPTION_ENDED",
            "SUBSCRIPTION_ENDING",
            "SUBSCRIPTION_IN_PROGRESS",
            "SUBSCRIPTION_NOT_ACTIVE",
            "SUBSCRIPTION_NOT_FOUND",
        ],
    ),
    (
        "cancel_subscription",
        &[
            "GATEWAY_UNAVAILABLE",
            "SUBSCRIPTION_ENDED",
            "SUBSCRIPTION_IN_PROGRESS",
            "SUBSCRIPTION_NOT_ACTIVE",
            "SUBSCRIPTION_NOT_FOUND",
        ],
    ),
    (
        "resume_subscription",
        &[
            "GATEWAY_UNAVAILABLE",
            "SUBSCRIPTION_ENDED",
            "SUBSCRIPTION_IN_PROGRESS",
            "SUBSCRIPTION_NOT_ENDING",
            "SUBSCRIPTION_NOT_FOUND",
        ],
    ),
    ("validate_promo_code", &["PLAN_NOT_FOUND", "PLAN_NOT_OFFERED"]),
    ("create_promo_code", &["ADMINS_ONLY", "PROMO_EXISTS"]),
    ("get_promo_code", &["PROMO_NOT_FOUND"]),
    ("update_promo_code", &["ADMINS_ONLY", "CHANGED_MEANWHILE", "PROMO_NOT_FOUND"]),
    ("delete_promo_code", &["ADMINS_ONLY", "PROMO_IN_USE", "PROMO_NOT_FOUND"]),
];

const OFFER: &[&str] = &[
    "ALREADY_ENROLLED",
    "ALREADY_IN_CART",
    "CART_FULL",
    "COURSE_NOT_FOUND",
    "CURRENCY_MISMATCH",
    "ENROLLMENT_SUSPENDED",
    "OWN_COURSE",
];
const PROMO: &[&str] = &[
    "CART_EMPTY",
    "PROMO_CURRENCY_MISMATCH",
    "PROMO_EXPIRED",
    "PROMO_INACTIVE",
    "PROMO_NOT_APPLICABLE",
    "PROMO_NOT_FOUND",
    "PROMO_NOT_YET_VALID",
    "PROMO_USED_BY_YOU",
    "PROMO_USED_UP",
];
const SUBSCRIBE: &[&str] = &[
    "ALREADY_SUBSCRIBED",
    "GATEWAY_UNAVAILABLE",
    "PAYMENT_DECLINED",
    "PLAN_NOT_FOUND",
    "PLAN_NOT_OFFERED",
    "PROMO_CURRENCY_MISMATCH",
    "PROMO_EXPIRED",
    "PROMO_INACTIVE",
    "PROMO_NOT_APPLICABLE",
    "PROMO_NOT_FOUND",
    "PROMO_NOT_YET_VALID",
    "PROMO_USED_BY_YOU",
    "PROMO_USED_UP",
    "SUBSCRIPTION_IN_PROGRESS",
    "SUBSCRIPTION_NOT_FOUND",
    "SUBSCRIPTION_PENDING",
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
