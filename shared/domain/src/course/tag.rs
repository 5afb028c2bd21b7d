//! Tags: words by which a course or a video is found. «#Web  Development» and «web development» are one tag.

use unicode_normalization::UnicodeNormalization as _;

/// Tags of a course or a video.
pub const TAGS_MAX: usize = 20;
/// Characters of a tag.
pub const TAG_MAX: usize = 50;
/// Tags that are sent, before equal ones are one.
const SENT_MAX: usize = 100;

/// Why tags are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTags {
    /// Too many.
    #[error("must be at most {TAGS_MAX} different tags")]
    TooMany,
    /// One is blank or too long.
    #[error("must have 1 to {TAG_MAX} characters each, not all blank")]
    Length,
}

/// The tag without any `#` before it, composed (NFC), in lower case, with single spaces between its words.
pub fn normal(tag: &str) -> String {
    let bare = tag.trim_start_matches(|c: char| c == '#' || c.is_whitespace());
    let tag: String = bare.nfc().flat_map(char::to_lowercase).nfc().collect();
    tag.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The tags in their normal form, each once, in the order in which they were sent.
pub fn normalized(tags: &[String]) -> Vec<String> {
    let mut normalized: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags.iter().map(|tag| normal(tag)) {
        if !normalized.contains(&tag) {
            normalized.push(tag);
        }
    }
    normalized
}

/// Whether a course or a video can have these tags, once they have their normal form.
///
/// # Errors
/// [`InvalidTags`].
pub fn check(tags: &[String]) -> Result<(), InvalidTags> {
    if tags.len() > SENT_MAX {
        return Err(InvalidTags::TooMany);
    }
    let tags = normalized(tags);
    if !tags.iter().all(|tag| (1..=TAG_MAX).contains(&tag.chars().count())) {
        return Err(InvalidTags::Length);
    }
    if tags.len() > TAGS_MAX { Err(InvalidTags::TooMany) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    #[test]
    fn one_tag_has_one_form() {
        let sent = tags(&[
            "#Rust",
            " rust ",
            "Web  Development",
            "web\tdevelopment",
            "한국어",
            "\u{1112}\u{1161}\u{11ab}국어",
        ]);
        assert_eq!(normalized(&sent), ["rust", "web development", "한국어"]);
    }

    #[test]
    fn limits() {
        let many = |count: usize| (0..count).map(|number| format!("tag {number}")).collect::<Vec<_>>();
        assert_eq!(check(&many(20)), Ok(()));
        assert_eq!(check(&many(21)), Err(InvalidTags::TooMany));
        assert_eq!(check(&vec!["same".to_owned(); 100]), Ok(()));
        assert_eq!(check(&vec!["same".to_owned(); 101]), Err(InvalidTags::TooMany));
        assert_eq!(check(&["가".repeat(50)]), Ok(()));
        for wrong in [String::new(), " # ".into(), "가".repeat(51)] {
            assert_eq!(check(&[wrong]), Err(InvalidTags::Length));
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_stays(text in "[# ]{0,3}\\PC{0,30}") {
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once);
        }
    }
}
