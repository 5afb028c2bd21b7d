//! Slugs: the name of a course in addresses, made from its title in any script.
//!
//! Letters of other scripts are transliterated (한국어 becomes `hangugeo`) rather than kept: an ASCII slug has one spelling
//! (macOS types Hangul decomposed, others composed), passes API Gateway, CloudFront and logs unchanged, and stays readable when it
//! is copied, where each Hangul syllable would become nine characters of percent-encoding.

use deunicode::deunicode_with_tofu;
use kernel::{Id, id::kinds};
use unicode_normalization::UnicodeNormalization as _;

/// Longest slug made from a title alone; addresses stay readable, and a suffix always fits seed 001's 255.
pub const LENGTH_MAX: usize = 80;
/// Words that stand in the place of a slug in addresses of the API.
const RESERVED: &[&str] = &["import", "related"];
/// The slug of a title that has no letter or digit.
const FALLBACK: &str = "course";
/// Letters of a suffix: Crockford's base 32, which has no look-alikes.
const SUFFIX_LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The slug of a title: lower-case ASCII letters and digits in words with single hyphens between. Never empty, and never an
/// identifier, since a course is found by either in the same place.
pub fn slugify(title: &str) -> String {
    let composed: String = title.nfc().filter(|letter| !matches!(letter, '\'' | '’')).collect();
    let mut slug = String::new();
    for letter in deunicode_with_tofu(&composed, "").chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = shortened(slug.trim_matches('-'));
    if slug.is_empty() {
        FALLBACK.to_owned()
    } else if slug.parse::<Id<kinds::Course>>().is_ok() || RESERVED.contains(&slug) {
        format!("{FALLBACK}-{slug}")
    } else {
        slug.to_owned()
    }
}

/// At most [`LENGTH_MAX`] characters, cut between words where there is a place for it.
fn shortened(slug: &str) -> &str {
    let Some(head) = slug.get(..LENGTH_MAX).filter(|_| slug.len() > LENGTH_MAX) else { return slug };
    match head.rfind('-') {
        Some(end) if !slug[LENGTH_MAX..].starts_with('-') => &head[..end],
        _ => head,
    }
}

/// The slug with a suffix of five random letters, for a title that another course has.
pub fn with_suffix(slug: &str, random: [u8; 5]) -> String {
    let suffix = random.map(|byte| char::from(SUFFIX_LETTERS[usize::from(byte % 32)]));
    format!("{slug}-{}", suffix.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_of_any_script() {
        for (title, slug) in [
            ("Complete Web Development Bootcamp 2026", "complete-web-development-bootcamp-2026"),
            ("  Don't panic: C++ & Rust!  ", "dont-panic-c-rust"),
            ("파이썬 기초 강의", "paisseon-gico-gangyi"),
            // The same syllables, decomposed as macOS types them.
            ("\u{1111}\u{1161}\u{110b}\u{1175}\u{110a}\u{1165}\u{11ab}", "paisseon"),
            ("Введение в Rust", "vvedenie-v-rust"),
            ("Économie générale", "economie-generale"),
            ("日本語", "ri-ben-yu"),
            ("???", "course"),
            ("", "course"),
            ("01933b7a-3c5e-7000-8000-4f2d1c9a7b10", "course-01933b7a-3c5e-7000-8000-4f2d1c9a7b10"),
        ] {
            assert_eq!(slugify(title), slug, "{title}");
        }
    }

    #[test]
    fn long_titles_end_with_a_whole_word() {
        assert_eq!(slugify(&"learning ".repeat(30)), ["learning"; 9].join("-"));
        assert_eq!(slugify(&"knowledge ".repeat(30)), ["knowledge"; 8].join("-"));
        assert_eq!(slugify(&"x".repeat(200)).len(), LENGTH_MAX);
    }

    proptest! {
        #[test]
        fn a_slug_is_always_usable(title in "\\PC{0,255}") {
            let slug = slugify(&title);
            prop_assert!(!slug.is_empty() && slug.len() <= LENGTH_MAX);
            prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
            prop_assert!(slug.parse::<Id<kinds::Course>>().is_err());
            prop_assert_eq!(slugify(&slug), slug);
        }
    }
}
