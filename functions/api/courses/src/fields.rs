//! Rules of request fields that several endpoints share.

use domain::course::tag;
pub(crate) use http_kit::fields::not_blank;
use serde::{Deserialize, Deserializer};

/// Longest address of a picture.
const URL_MAX: usize = 500;

/// An address of a picture: of another host over HTTPS, a path of ours, or none. Other schemes (`javascript:`, `data:`) never reach a page.
pub(crate) fn picture(address: &str, _: &()) -> garde::Result {
    let ours = address.starts_with('/') && !address.starts_with("//");
    if address.len() <= URL_MAX && (address.is_empty() || ours || address.starts_with("https://")) {
        return Ok(());
    }
    Err(garde::Error::new(format!("must be an https:// address or a path of at most {URL_MAX} bytes")))
}

/// Tags that are at most 20 of at most 50 characters, once they have their normal form.
pub(crate) fn tag_list(tags: &[String], _: &()) -> garde::Result {
    tag::check(tags).map_err(garde::Error::new)
}

/// A language's code of ISO 639-1.
pub(crate) fn language_code(code: &str, _: &()) -> garde::Result {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(garde::Error::new("must be a two-letter code of ISO 639-1, such as ko"))
}

/// Tells a field that is null (`Some(None)`) from one that is not sent (`None`, by `serde(default)`).
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
