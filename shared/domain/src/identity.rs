//! Who people are: roles, addresses, names and passwords.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

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

/// Fewest characters of a password (seed 001, §9.1).
pub const PASSWORD_MIN: usize = 12;
/// Most characters of a password: Argon2's cost does not depend on it, but a body's size does.
pub const PASSWORD_MAX: usize = 128;
/// Shortest user name (seed 003).
pub const USERNAME_MIN: usize = 3;
/// Longest user name (seed 003).
pub const USERNAME_MAX: usize = 50;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_MIN`] characters.
    #[error("must have at least {PASSWORD_MIN} characters")]
    TooShort,
    /// More than [`PASSWORD_MAX`] characters.
    #[error("must have at most {PASSWORD_MAX} characters")]
    TooLong,
    /// Nothing but digits.
    #[error("must not be digits only")]
    OnlyDigits,
    /// Contains the user's name or address, or is contained in it.
    #[error("must not be made from your name or e-mail address")]
    LikeThePerson,
}

/// The normal form of an address, by which accounts are found: NFC, trimmed, lower case. The part before the `@` is lower-cased
/// too: no provider in use tells addresses apart by case, and people do not remember which they typed.
pub fn normalize_email(email: &str) -> String {
    email.trim().nfc().collect::<String>().to_lowercase()
}

/// The password as it is hashed: NFC, so that one password typed on two systems is the same (RFC 8265, 4.2.2).
pub fn normalize_password(password: &str) -> String {
    password.nfc().collect()
}

/// Checks a new password against the rules: length, digits only, likeness to the person. There are no rules of composition
/// (NIST SP 800-63B, 3.1.1.2).
///
/// # Errors
/// The first rule that it breaks.
pub fn check_password(password: &str, about_the_person: &[&str]) -> Result<(), WeakPassword> {
    let password = normalize_password(password).to_lowercase();
    match password.chars().count() {
        0..PASSWORD_MIN => return Err(WeakPassword::TooShort),
        n if n > PASSWORD_MAX => return Err(WeakPassword::TooLong),
        _ => {}
    }
    if password.chars().all(char::is_numeric) {
        return Err(WeakPassword::OnlyDigits);
    }
    let like = |word: &str| {
        let word = word.trim().to_lowercase();
        // A short name is part of many good passwords; only where it makes up half of one does it weaken it.
        let dominates = word.chars().count() * 2 >= password.chars().count();
        !word.is_empty() && ((dominates && password.contains(&word)) || word.contains(&password))
    };
    if about_the_person.iter().any(|word| like(word)) {
        return Err(WeakPassword::LikeThePerson);
    }
    Ok(())
}

/// Whether a user name is 3 to 50 letters, digits, `.`, `_` or `-` of any script, beginning with a letter or digit.
pub fn is_username(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    (USERNAME_MIN..=USERNAME_MAX).contains(&name.chars().count())
        && name.chars().all(allowed)
        && name.chars().next().is_some_and(char::is_alphanumeric)
}

/// A user name from the part of the address before the `@`, with `suffix` to make it unique.
pub fn username_from_email(normal_email: &str, suffix: &str) -> String {
    let local = normal_email.split('@').next().unwrap_or_default();
    let base: String =
        local.chars().filter(|c| c.is_alphanumeric()).take(USERNAME_MAX - suffix.len() - 1).collect();
    if base.is_empty() { format!("user-{suffix}") } else { format!("{base}-{suffix}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_password_rule_refuses_what_it_names() {
        let person = ["alexandra@example.com", "Alexandra", "Kim"];
        for (password, verdict) in [
            ("elevenchars", Err(WeakPassword::TooShort)),
            ("correct horse battery staple", Ok(())),
            ("12345678901234", Err(WeakPassword::OnlyDigits)),
            ("alexandra12345", Err(WeakPassword::LikeThePerson)),
            ("ALEXANDRA@example.com", Err(WeakPassword::LikeThePerson)),
            ("비밀번호는열두글자이상이다", Ok(())),
            ("kim likes long walks", Ok(())),
        ] {
            assert_eq!(check_password(password, &person), verdict, "{password}");
        }
        assert_eq!(check_password(&"a".repeat(129), &[]), Err(WeakPassword::TooLong));
    }

    proptest! {
        #[test]
        fn a_composed_and_a_decomposed_password_are_one(text in "\\PC{0,40}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(normalize_password(&text), normalize_password(&decomposed));
        }

        #[test]
        fn every_made_user_name_is_valid(email in "\\PC{0,80}@[a-z]{1,9}\\.com") {
            let name = username_from_email(&normalize_email(&email), "a1b2c3");
            prop_assert!(is_username(&name), "{}", name);
        }

        #[test]
        fn normal_addresses_stay_as_they_are(email in "\\PC{1,40}@[a-zA-Z]{1,9}\\.com") {
            let once = normalize_email(&email);
            prop_assert_eq!(normalize_email(&once), once);
        }
    }

    #[test]
    fn roles_are_ordered_by_what_they_may() {
        assert!(Role::Student < Role::Instructor && Role::Instructor < Role::Admin);
    }
}
