//! The account to which buyers transfer money.

use std::{fmt, str::FromStr};

use kernel::{ConfigError, Vars};

/// Longest name that a credit transfer carries (SEPA Credit Transfer rulebook, "AT-E001 the name of the payee").
const NAME_MAX: usize = 70;

/// An account number (ISO 13616-1): its check digits are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Iban(String);

/// The text is no account number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an IBAN with its right check digits, such as DE89 3704 0044 0532 0130 00")]
pub struct InvalidIban;

impl Iban {
    /// Without spaces, as forms take it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Iban {
    type Err = InvalidIban;

    fn from_str(text: &str) -> Result<Self, InvalidIban> {
        let compact: String = text.chars().filter(|letter| *letter != ' ').collect();
        let one = |(place, byte): (usize, u8)| match place {
            0 | 1 => byte.is_ascii_uppercase(),
            2 | 3 => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        };
        if !(15..=34).contains(&compact.len()) || !compact.bytes().enumerate().all(one) {
            return Err(InvalidIban);
        }
        // ISO 7064, MOD 97-10: the first four go to the end, letters count from 10.
        let (head, tail) = compact.split_at(4);
        let digits = tail.chars().chain(head.chars()).filter_map(|letter| letter.to_digit(36));
        let rest = digits.fold(0, |rest, digit| (rest * if digit < 10 { 10 } else { 100 } + digit) % 97);
        if rest == 1 { Ok(Self(compact)) } else { Err(InvalidIban) }
    }
}

/// In groups of four, as people read it.
impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, letter) in self.0.char_indices() {
            if place > 0 && place % 4 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// A bank's code (ISO 9362).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bic(String);

/// The text is no bank's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a BIC of 8 or 11 capitals and digits, such as COBADEFFXXX")]
pub struct InvalidBic;

impl Bic {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bic {
    type Err = InvalidBic;

    fn from_str(text: &str) -> Result<Self, InvalidBic> {
        let one = |(place, byte): (usize, u8)| match place {
            4 | 5 => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        };
        let sound = matches!(text.len(), 8 | 11) && text.bytes().enumerate().all(one);
        if sound { Ok(Self(text.to_owned())) } else { Err(InvalidBic) }
    }
}

/// The platform's account at its bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// In whose name it is.
    pub holder: String,
    /// Its number.
    pub iban: Iban,
    /// The bank's code; transfers from abroad need it.
    pub bic: Option<Bic>,
    /// The bank's name.
    pub bank: Option<String>,
}

impl BankAccount {
    /// From `BANK_ACCOUNT_HOLDER`, `BANK_IBAN`, `BANK_BIC` and `BANK_NAME`; `None` where neither holder nor IBAN is set: no transfers are
    /// taken then.
    ///
    /// # Errors
    /// [`ConfigError`] where only one of the two is set, or one of them is none: money must not go to an account with a typing error.
    pub fn from_env(vars: &Vars) -> Result<Option<Self>, ConfigError> {
        const HOLDER: &str = "BANK_ACCOUNT_HOLDER";
        if vars.optional(HOLDER).is_none() && vars.optional("BANK_IBAN").is_none() {
            return Ok(None);
        }
        let holder = vars.required(HOLDER)?;
        if holder.chars().count() > NAME_MAX {
            let reason = format!("has more than {NAME_MAX} characters");
            return Err(ConfigError::Malformed { name: HOLDER, reason });
        }
        let bic = vars.optional("BANK_BIC").map(|_| vars.parsed("BANK_BIC")).transpose()?;
        Ok(Some(Self { holder, iban: vars.parsed("BANK_IBAN")?, bic, bank: vars.optional("BANK_NAME") }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_their_right_check_digits() {
        // Examples of the IBAN registry (SWIFT).
        for text in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            let iban: Iban = text.parse().unwrap();
            assert_eq!(iban.as_str(), text);
            assert_eq!(iban.to_string().parse::<Iban>(), Ok(iban), "{text} in groups");
        }
        assert_eq!("NO9386011117947".parse::<Iban>().unwrap().to_string(), "NO93 8601 1117 947");
        for text in [
            "",
            "DE88370400440532013000",
            "DE89370400440532013001",
            "DE89730400440532013000",
            "de89370400440532013000",
            "8937040044053201300000",
            "DE8937040044053201300É",
            "DE89-3704-0044-0532-0130-00",
            "DE893704004405",
        ] {
            assert_eq!(text.parse::<Iban>(), Err(InvalidIban), "{text:?}");
        }
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let right = "DE89370400440532013000";
        for place in 2..right.len() {
            for digit in '0'..='9' {
                let mut letters: Vec<char> = right.chars().collect();
                letters[place] = digit;
                let text: String = letters.into_iter().collect();
                assert_eq!(text.parse::<Iban>().is_ok(), text == right, "{text}");
            }
        }
    }

    #[test]
    fn codes_of_banks() {
        for text in ["COBADEFF", "COBADEFFXXX", "E097AEXX"] {
            assert_eq!(text.parse::<Bic>().unwrap().as_str(), text);
        }
        for text in ["", "COBADEF", "COBADEFFX", "cobadeff", "COBA12FF", "COBADEFFXXXX"] {
            assert_eq!(text.parse::<Bic>(), Err(InvalidBic), "{text:?}");
        }
    }

    #[test]
    fn an_account_is_whole_or_not_there() {
        let read = |vars: &[(&str, &str)]| BankAccount::from_env(&Vars::fixed(vars.iter().copied()));
        let (holder, iban) = (("BANK_ACCOUNT_HOLDER", "LearnFlow"), ("BANK_IBAN", "DE89370400440532013000"));
        assert_eq!(read(&[("BANK_ACCOUNT_HOLDER", ""), ("BANK_IBAN", ""), ("BANK_BIC", "")]), Ok(None));
        let least = read(&[holder, iban]).unwrap().unwrap();
        assert_eq!((least.holder.as_str(), least.bic, least.bank), ("LearnFlow", None, None));
        let whole =
            read(&[holder, iban, ("BANK_BIC", "COBADEFFXXX"), ("BANK_NAME", "Bank")]).unwrap().unwrap();
        assert_eq!((whole.bic.unwrap().as_str(), whole.bank.as_deref()), ("COBADEFFXXX", Some("Bank")));
        let long = "x".repeat(NAME_MAX + 1);
        for broken in [
            vec![holder],
            vec![iban],
            vec![holder, ("BANK_IBAN", "DE00")],
            vec![holder, iban, ("BANK_BIC", "x")],
            vec![("BANK_ACCOUNT_HOLDER", long.as_str()), iban],
        ] {
            assert!(read(&broken).is_err(), "{broken:?}");
        }
    }
}
