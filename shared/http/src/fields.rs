//! Rules of request fields that groups share.

use domain::country::is_country;

/// A text with something in it besides white space.
///
/// # Errors
/// What the caller is told of the field.
pub fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}

/// A country's code.
///
/// # Errors
/// What the caller is told of the field.
pub fn country_code(code: &str, _: &()) -> garde::Result {
    if is_country(code) {
        return Ok(());
    }
    Err(garde::Error::new("must be a country's code of ISO 3166-1 in two capitals, such as US"))
}
