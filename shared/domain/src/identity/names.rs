//! Addresses and user names, by which accounts are found, and names as they are written.

use unicode_normalization::UnicodeNormalization;

/// Shortest user name (seed 003).
pub const USERNAME_MIN: usize = 3;
/// Longest user name (seed 003).
pub const USERNAME_MAX: usize = 50;

/// The normal form of an address, by which accounts are found: NFC, trimmed, lower case. The part before the `@` is lower-cased
/// too: no provider in use tells addresses apart by case, and people do not remember which they typed.
pub fn normalize_email(email: &str) -> String {
    let email = email.trim();
    // ASCII is NFC (Unicode Standard Annex 15, section 1.2).
    if email.is_ascii() { email.to_ascii_lowercase() } else { email.nfc().collect::<String>().to_lowercase() }
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

/// Whether a letter is of a script in which the family name comes first: Hangul, Han, Kana (their blocks of Unicode 16).
const fn is_east_asian(letter: char) -> bool {
    matches!(letter,
        '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// A name as its own script writes it on a document: the family name first and without a space where all of it is East Asian, else the given
/// name first.
pub fn written_name(given: &str, family: &str) -> String {
    let (given, family) = (given.trim(), family.trim());
    let is_east = |name: &str| !name.is_empty() && name.chars().all(|one| is_east_asian(one) || one == ' ');
    match is_east(given) && is_east(family) {
        true => format!("{family}{given}"),
        false => format!("{given} {family}").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_written_as_its_script_writes_it() {
        for (given, family, written) in [
            ("Ada", "Lovelace", "Ada Lovelace"),
            ("길동", "홍", "홍길동"),
            ("太郎", "山田", "山田太郎"),
            ("Gildong", "홍", "Gildong 홍"),
            ("Plato", "", "Plato"),
            ("", "홍", "홍"),
            (" 길동 ", " 홍", "홍길동"),
            ("عمر", "الخيام", "عمر الخيام"),
            ("👩‍🎓", "홍", "👩‍🎓 홍"),
            ("", "", ""),
        ] {
            assert_eq!(written_name(given, family), written);
        }
    }

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
