//! Certificates of completed courses: their numbers, and what is signed of them.

use std::{borrow::Cow, fmt, str::FromStr};

use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

/// The symbols of a number: digits and capitals without those that are mistaken for others (Crockford's base 32).
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a number.
const LENGTH: usize = 12;
/// Bits of a symbol.
const BITS: usize = 5;
/// What stands before the symbols.
const PREFIX: &str = "LF";
/// What the signature is of: its header says it, so that nothing else that is signed can pass for a certificate (RFC 8725, 3.11).
pub const SIGNED_TYPE: &str = "certificate+jwt";

/// The number of a certificate: 60 random bits, such as `LF-7K3M-9QXA-2D5T`. Who does not have it can't guess it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateCode(u64);

/// The text is no number of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the number of a certificate, such as LF-7K3M-9QXA-2D5T")]
pub struct InvalidCode;

impl CertificateCode {
    /// A number of random bytes.
    pub const fn from_random(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes) >> (64 - LENGTH * BITS))
    }

    /// The path of the page on which everybody can check it.
    pub fn path(self) -> String {
        format!("/api/v1/certificates/{self}")
    }

    fn symbol(self, place: usize) -> char {
        let value = (self.0 >> ((LENGTH - 1 - place) * BITS)) & 0x1f;
        char::from(SYMBOLS[usize::try_from(value).unwrap_or_default()])
    }
}

impl fmt::Display for CertificateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for place in 0..LENGTH {
            if place.is_multiple_of(4) {
                f.write_str("-")?;
            }
            write!(f, "{}", self.symbol(place))?;
        }
        Ok(())
    }
}

/// The value of a symbol as people write it: in any case, O for 0, I and L for 1.
fn value(symbol: char) -> Option<u64> {
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = SYMBOLS.iter().position(|known| char::from(*known) == symbol)?;
    u64::try_from(place).ok()
}

impl FromStr for CertificateCode {
    type Err = InvalidCode;

    /// Reads what people copy from paper: in any case, with or without hyphens, spaces and the letters before them.
    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let symbols: Vec<char> = text.chars().filter(|one| !matches!(one, '-' | ' ')).collect();
        let symbols = match symbols.len().checked_sub(LENGTH) {
            Some(0) => &symbols[..],
            Some(more) if more == PREFIX.len() => {
                let (prefix, rest) = symbols.split_at(more);
                let is_ours = prefix.iter().map(char::to_ascii_uppercase).eq(PREFIX.chars());
                is_ours.then_some(rest).ok_or(InvalidCode)?
            }
            _ => return Err(InvalidCode),
        };
        let add = |sum: u64, symbol: &char| Some(sum << BITS | value(*symbol)?);
        symbols.iter().try_fold(0, add).map(Self).ok_or(InvalidCode)
    }
}

impl TryFrom<String> for CertificateCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl From<CertificateCode> for String {
    fn from(code: CertificateCode) -> Self {
        code.to_string()
    }
}

impl utoipa::PartialSchema for CertificateCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^LF(-[0-9A-HJKMNP-TV-Z]{4}){3}$"))
            .examples(["LF-7K3M-9QXA-2D5T"])
            .into()
    }
}

impl utoipa::ToSchema for CertificateCode {
    fn name() -> Cow<'static, str> {
        "CertificateCode".into()
    }
}

/// What is signed: all that a certificate says. Whoever has it, and the published keys, needs nothing else to believe it, except that it may
/// have been revoked since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Who says it.
    pub iss: String,
    /// The number.
    pub code: CertificateCode,
    /// The student, by the name that he had then.
    pub student: Secret<String>,
    /// The course, by the title that it had then.
    pub course: CourseStatement,
    /// Who taught it, by the name that he had then; none where the account was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor: Option<Secret<String>>,
    /// When the course was completed.
    pub completed_at: Timestamp,
    /// When the certificate was issued.
    pub issued_at: Timestamp,
}

/// The course that was completed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CourseStatement {
    /// Identifier.
    pub id: Id<kinds::Course>,
    /// Title.
    pub title: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_reads_back_however_it_was_copied(bytes in any::<[u8; 8]>(), prefix in any::<bool>()) {
            let code = CertificateCode::from_random(bytes);
            let text = code.to_string();
            prop_assert_eq!(text.len(), 17);
            prop_assert_eq!(text.parse(), Ok(code));
            let bare = if prefix { text.clone() } else { text[3..].to_owned() };
            for copied in [bare.to_lowercase(), bare.replace('-', ""), bare.replace('-', " "), bare.replace('0', "O").replace('1', "l")] {
                // Of the letters before it none is mistaken.
                prop_assert_eq!(copied.parse(), Ok(code), "{}", copied);
            }
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(&json, &format!("\"{}\"", text));
            prop_assert_eq!(serde_json::from_str::<CertificateCode>(&json).unwrap(), code);
        }

        #[test]
        fn no_two_numbers_have_one_text(one in any::<[u8; 8]>(), two in any::<[u8; 8]>()) {
            let (one, two) = (CertificateCode::from_random(one), CertificateCode::from_random(two));
            prop_assert_eq!(one == two, one.to_string() == two.to_string());
        }

        #[test]
        fn nothing_else_is_a_number(text in "\\PC{0,24}") {
            if let Ok(code) = text.parse::<CertificateCode>() {
                prop_assert!(code.to_string().len() == 17 && text.len() >= 12);
            }
        }
    }

    #[test]
    fn what_is_too_short_too_long_or_has_other_symbols_is_none() {
        let all = [
            "",
            "LF",
            "LF-7K3M-9QXA-2D5",
            "LF-7K3M-9QXA-2D5TT",
            "XX-7K3M-9QXA-2D5T",
            "LF-7K3M-9QXA-2D5U",
            "LF-7K3M-9QXA-2D5é",
        ];
        for text in all {
            assert_eq!(text.parse::<CertificateCode>(), Err(InvalidCode), "{text}");
        }
        assert_eq!(CertificateCode::from_random([0; 8]).to_string(), "LF-0000-0000-0000");
        assert_eq!(CertificateCode::from_random([255; 8]).to_string(), "LF-ZZZZ-ZZZZ-ZZZZ");
    }
}
