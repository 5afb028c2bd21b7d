//! Rules of request fields that groups share.

/// A text with something in it besides white space.
///
/// # Errors
/// What the caller is told of the field.
pub fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}
