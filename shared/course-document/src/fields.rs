//! Rules of fields of courses, sections and lessons, for garde.

use domain::course::tag;

/// A text with something in it besides white space.
///
/// # Errors
/// What the caller is told of the field.
pub fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}

/// Longest address of a picture.
const URL_MAX: usize = 500;

/// An address of a picture: of another host over HTTPS, a path of ours, or none. Other schemes (`javascript:`, `data:`) never reach a page.
///
/// # Errors
/// What the caller is told of the field.
pub fn picture(address: &str, _: &()) -> garde::Result {
    let ours = address.starts_with('/') && !address.starts_with("//");
    if address.len() <= URL_MAX && (address.is_empty() || ours || address.starts_with("https://")) {
        return Ok(());
    }
    Err(garde::Error::new(format!("must be an https:// address or a path of at most {URL_MAX} bytes")))
}

/// Tags that are at most 20 of at most 50 characters, once they have their normal form.
///
/// # Errors
/// What the caller is told of the field.
pub fn tag_list(tags: &[String], _: &()) -> garde::Result {
    tag::check(tags).map_err(garde::Error::new)
}

/// A language's code of ISO 639-1.
///
/// # Errors
/// What the caller is told of the field.
pub fn language_code(code: &str, _: &()) -> garde::Result {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(garde::Error::new("must be a two-letter code of ISO 639-1, such as ko"))
}
