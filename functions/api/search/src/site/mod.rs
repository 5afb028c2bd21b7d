//! The platform for those who read it without its client: search engines and feed readers.

pub(crate) mod feed;
pub(crate) mod sitemap;

use std::borrow::Cow;

use http_kit::{ApiError, ApiResult, Platform};
use search::Document;

/// The address of the distribution.
///
/// # Errors
/// 503 before the second step of the first deployment.
pub(crate) fn base(platform: &Platform) -> ApiResult<&str> {
    let base = platform.public_base_url();
    if base.is_empty() {
        let message = "The deployment does not know its own address yet. The operator sets PublicBaseUrl.";
        return Err(ApiError::unavailable("ADDRESS_UNKNOWN", message));
    }
    Ok(base)
}

/// The web client's page of a course. A slug has ASCII letters, digits and hyphens only (`domain::course::slug`).
fn page(base: &str, course: &Document) -> String {
    format!("{base}/courses/{}", course.slug)
}

/// A text without the characters that no XML document may have, not even escaped (XML 1.0, production 2).
fn xml_text(text: &str) -> Cow<'_, str> {
    let forbidden = |letter: char| matches!(letter, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    match text.contains(forbidden) {
        true => text.replace(forbidden, "").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_left_out_and_all_else_stays() {
        assert_eq!(xml_text("a\0b\x1bc\u{ffff}\td"), "abc\td");
        let text = "한국어 & <b> 🦀\r\n\u{fffd}\u{10ffff}";
        assert!(matches!(xml_text(text), Cow::Borrowed(same) if same == text));
    }
}
