//! Every field that the server writes for a user: what no client may set by sending it along (spec 09, row 11).

use std::collections::BTreeSet;

use domain::identity::{Language, Preferences, Role, UserStatus};
use kernel::{Ambient, Secret};
use store::entities::User;

/// What is on the item of a user beside the fields of [`User`]: keys, and what other access patterns write.
const BESIDE: [&str; 11] = [
    "pk",
    "sk",
    "type",
    "gsi1pk",
    "gsi1sk",
    "gsi2pk",
    "gsi2sk",
    "expires_at",
    "sessions_ended_at",
    "session_kept",
    "email_verified",
];

/// The names of all fields of a user's item. A new field of [`User`] does not compile until it is here.
pub fn of_a_user() -> BTreeSet<String> {
    let ambient = Ambient::system();
    let now = ambient.now();
    let text = || Secret::new("x".to_owned());
    let user = User {
        id: ambient.id(),
        email: text(),
        username: "x".into(),
        first_name: text(),
        last_name: text(),
        role: Role::Admin,
        status: UserStatus::Active,
        password_hash: Some(text()),
        password_changed_at: Some(now),
        mfa_enabled: true,
        mfa_enabled_at: Some(now),
        email_verified_at: Some(now),
        terms_accepted_at: Some(now),
        birthdate: Some(Secret::new("2000-01-01".parse().unwrap())),
        phone: Some(text()),
        timezone: "UTC".into(),
        language: Language::default(),
        preferences: Preferences::default(),
        instructor_requested_at: Some(now),
        deleted_at: Some(now),
        status_before_deletion: Some(UserStatus::Active),
        bio: "x".into(),
        avatar_url: "x".into(),
        country: "x".into(),
        created_at: now,
        updated_at: now,
    };
    let item = serde_json::to_value(&user).unwrap();
    let own = item.as_object().unwrap().keys().cloned();
    own.chain(BESIDE.map(str::to_owned)).collect()
}
