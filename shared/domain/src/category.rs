//! Categories of courses (seeds 000, 001 §4.10).
//!
//! A course names its category by a word, as seed 001 shows it. A word and a category belong together when their [`normal`] forms are
//! the same, so a category counts the courses that named it before it was made.

use unicode_normalization::UnicodeNormalization as _;

/// Longest name, in characters (seeds 000 and 001, Category.name).
pub const NAME_MAX: usize = 100;
/// Longest name of an icon (seed 001, Category.icon).
pub const ICON_MAX: usize = 50;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 500;
/// Highest place in the order.
pub const ORDER_MAX: u32 = 10_000;
/// Categories in all: one page shows them, one batch reads their counts.
pub const CATEGORIES_MAX: usize = 100;

/// The form in which names are compared: composed, in lower case, with single spaces. Empty for a name without letters.
pub fn normal(name: &str) -> String {
    let composed: String = name.nfkc().collect();
    // Some capitals have no composed form while their small letters have one, so it is composed again.
    let lower: String = composed.to_lowercase().nfkc().collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether this can be the name of an icon of Lucide, such as `book-open` or `BookOpen`. It becomes part of a class or a path in clients.
pub fn is_icon(name: &str) -> bool {
    name.len() <= ICON_MAX && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Which category of published courses a course counts for; `None` while it is a draft or names none.
pub fn counted(published: bool, category: &str) -> Option<String> {
    Some(normal(category)).filter(|name| published && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_category_has_one_normal_form() {
        assert_eq!(normal("  Web\u{a0} Development "), "web development");
        assert_eq!(normal("ＷＥＢ"), "web");
        // Hangul as macOS types it, and composed.
        assert_eq!(normal("\u{1111}\u{1161}\u{110b}\u{1175}"), normal("파이"));
        assert_ne!(normal("C"), normal("C++"));
        assert_eq!(normal(" \t "), "");
    }

    #[test]
    fn only_published_courses_with_a_category_count() {
        assert_eq!(counted(true, "Film").as_deref(), Some("film"));
        assert_eq!(counted(false, "Film"), None);
        assert_eq!(counted(true, " "), None);
    }

    #[test]
    fn icons_are_plain_names() {
        assert!(is_icon("") && is_icon("book-open") && is_icon("BookOpen"));
        assert!(!is_icon("../x") && !is_icon("a b") && !is_icon("\"><script>") && !is_icon(&"a".repeat(51)));
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own(name in "\\PC{0,100}") {
            prop_assert_eq!(normal(&normal(&name)), normal(&name));
        }
    }
}
