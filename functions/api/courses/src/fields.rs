//! Rules of request fields that several endpoints share.

pub(crate) use course_document::fields::{language_code, not_blank, picture, tag_list};
use serde::{Deserialize, Deserializer};

/// Tells a field that is null (`Some(None)`) from one that is not sent (`None`, by `serde(default)`).
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
