//! Addresses and user names, by which accounts are found.

use unicode_normalization::UnicodeNormalization;

/// Shortest user name (seed 003).
pub const USERNAME_MIN: usize = 3;
/// Longest user name (seed 003).
pub const USERNAME_MAX: usize = 50;

/// The normal form of an address, by which accounts are found: NFC, trimmed, lower case. The part before the `@` is lower-cased
/// too: no provider in use tells addresses apart by case, and people do not remember which they typed.
pub fn normalize_email(email: &str) -> String {
    email.trim().nfc().collect::<String>().to_lowercase()
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
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
}
