use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language as tracks name it (RFC 5646): a language of two or three letters, then a script and a region where they matter, as `en`, `pt-BR` or
/// `zh-Hant-TW`, in the usual case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// It is not the tag of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the tag of a language, such as en, ko, pt-BR or zh-Hant")]
pub struct NotALanguage;

impl LanguageTag {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LanguageTag {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let is = |part: &str, lengths: &[usize], kind: fn(&u8) -> bool| {
            lengths.contains(&part.len()) && part.as_bytes().iter().all(kind)
        };
        let mut parts = text.split('-').peekable();
        let language = parts.next().filter(|one| is(one, &[2, 3], u8::is_ascii_alphabetic));
        let mut tag = language.ok_or(NotALanguage)?.to_ascii_lowercase();
        if let Some(script) = parts.next_if(|one| is(one, &[4], u8::is_ascii_alphabetic)) {
            let (first, rest) = script.split_at(1);
            tag = format!("{tag}-{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase());
        }
        let is_region =
            |one: &&str| is(one, &[2], u8::is_ascii_alphabetic) || is(one, &[3], u8::is_ascii_digit);
        if let Some(region) = parts.next_if(is_region) {
            tag = format!("{tag}-{}", region.to_ascii_uppercase());
        }
        if parts.next().is_some() { Err(NotALanguage) } else { Ok(Self(tag)) }
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = NotALanguage;

    fn try_from(text: String) -> Result<Self, NotALanguage> {
        text.parse()
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
