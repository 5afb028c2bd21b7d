//! What somebody may say about himself: each rule gives the value in the form that is stored.

use std::sync::OnceLock;

use jiff::{
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};

/// Longest text about oneself, in characters (seed 003, User).
pub const BIO_MAX: usize = 500;
/// Longest name of a country, in characters (seed 001, UserProfile).
pub const COUNTRY_MAX: usize = 100;
/// Longest given or family name, in characters (seed 003, User).
pub const NAME_MAX: usize = 100;
/// Youngest age at which somebody may register by himself: Korea's Personal Information Protection Act, Art. 22-2, asks for
/// a parent's consent below 14. A deployment may ask for more (16 in some countries of the EU: GDPR, Art. 8).
pub const MINIMUM_AGE: u8 = 14;
/// The earliest year of birth that is no slip of the keyboard.
const EARLIEST_YEAR: i16 = 1900;

/// Why a statement is refused; reads on after the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProfile {
    /// Neither E.164 nor Korean.
    #[error("must be an international number such as +14155550123, or a Korean one such as 010-1234-5678")]
    Phone,
    /// After today.
    #[error("must not be in the future")]
    NotBorn,
    /// Before 1900.
    #[error("must be in 1900 or later")]
    TooLongAgo,
    /// Younger than the platform allows.
    #[error("must be at least {0} years ago: you must be {0} or older to have an account")]
    TooYoung(u8),
    /// Not in the IANA database.
    #[error("must be a time zone of the IANA database, such as Asia/Seoul")]
    TimeZone,
    /// Too many characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// A character that no text has.
    #[error("must not have control characters")]
    Control,
}

/// A telephone number: E.164 (`+`, then 7 to 15 digits; spaces, hyphens, dots and brackets are dropped), or a Korean one as
/// people write it there (seed 000: two or three digits, three or four, four, with hyphens; the first digit is 0). Empty means none.
///
/// # Errors
/// [`InvalidProfile::Phone`].
pub fn phone(text: &str) -> Result<String, InvalidProfile> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if let Some(international) = text.strip_prefix('+') {
        let number: String =
            international.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        // No country code begins with 0 (ITU-T E.164, 6.2.1).
        let valid = digits(&number) && (7..=15).contains(&number.len()) && !number.starts_with('0');
        return if valid { Ok(format!("+{number}")) } else { Err(InvalidProfile::Phone) };
    }
    let parts: Vec<&str> = text.split('-').collect();
    let valid = matches!(parts[..], [area, exchange, line]
        if area.starts_with('0') && matches!(area.len(), 2 | 3) && matches!(exchange.len(), 3 | 4) && line.len() == 4);
    if valid && parts.iter().all(|part| digits(part)) {
        Ok(text.to_owned())
    } else {
        Err(InvalidProfile::Phone)
    }
}

/// Checks a date of birth on the day `today` of the person: not in the future, not before 1900, and at least `minimum_age`
/// whole years ago. Who was born on 29 February is a year older on 1 March of a common year.
///
/// # Errors
/// The rule that it breaks.
pub fn birthdate(born: Date, today: Date, minimum_age: u8) -> Result<(), InvalidProfile> {
    if born > today {
        return Err(InvalidProfile::NotBorn);
    }
    if born.year() < EARLIEST_YEAR {
        return Err(InvalidProfile::TooLongAgo);
    }
    if age(born, today) < i16::from(minimum_age) {
        return Err(InvalidProfile::TooYoung(minimum_age));
    }
    Ok(())
}

/// Whole years from `born` to `today`.
pub fn age(born: Date, today: Date) -> i16 {
    let years = today.year().saturating_sub(born.year());
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    years.saturating_sub(i16::from(before_birthday))
}

/// A time zone by its name in the IANA database, in the database's spelling. The database is part of the program: the host
/// may have none. Empty means none.
///
/// # Errors
/// [`InvalidProfile::TimeZone`].
pub fn time_zone(name: &str) -> Result<String, InvalidProfile> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(String::new());
    }
    let zone = zones().get(name).map_err(|_| InvalidProfile::TimeZone)?;
    zone.iana_name().map(str::to_owned).ok_or(InvalidProfile::TimeZone)
}

/// The time zone of a profile as it is stored; UTC where it is empty or not known any more.
pub fn zone_of(name: &str) -> TimeZone {
    if name.is_empty() { TimeZone::UTC } else { zones().get(name).unwrap_or(TimeZone::UTC) }
}

fn zones() -> &'static TimeZoneDatabase {
    static BUNDLED: OnceLock<TimeZoneDatabase> = OnceLock::new();
    BUNDLED.get_or_init(TimeZoneDatabase::bundled)
}

/// A few words about oneself, of at most [`BIO_MAX`] characters; may have several lines, may be empty.
///
/// # Errors
/// Too long, or a control character other than the end of a line and a tab.
pub fn bio(text: &str) -> Result<String, InvalidProfile> {
    let text = text.trim().replace("\r\n", "\n");
    check_text(&text, BIO_MAX, |c| matches!(c, '\n' | '\t'))?;
    Ok(text)
}

/// A country as the user writes it, of at most [`COUNTRY_MAX`] characters; may be empty.
///
/// # Errors
/// Too long, or a control character.
pub fn country(text: &str) -> Result<String, InvalidProfile> {
    let text = text.trim();
    check_text(text, COUNTRY_MAX, |_| false)?;
    Ok(text.to_owned())
}

/// A given or family name, of 1 to [`NAME_MAX`] characters.
///
/// # Errors
/// Empty, too long, or a control character.
pub fn name(text: &str) -> Result<String, InvalidProfile> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidProfile::Empty);
    }
    check_text(text, NAME_MAX, |_| false)?;
    Ok(text.to_owned())
}

fn check_text(text: &str, most: usize, also: impl Fn(char) -> bool) -> Result<(), InvalidProfile> {
    if text.chars().count() > most {
        return Err(InvalidProfile::TooLong(most));
    }
    // The characters that turn the direction of writing can make a name read as another one (Unicode TR 36, 2.5).
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| (c.is_control() || turns(c)) && !also(c)) {
        return Err(InvalidProfile::Control);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn telephone_numbers_of_both_forms_are_stored_in_one_spelling_each() {
        for (text, stored) in [
            ("+1234567890", Some("+1234567890")),
            (" +82 10-1234-5678 ", Some("+821012345678")),
            ("+1 (415) 555.0123", Some("+14155550123")),
            ("010-1234-5678", Some("010-1234-5678")),
            ("02-123-4567", Some("02-123-4567")),
            ("031-1234-5678", Some("031-1234-5678")),
            ("", Some("")),
            ("+0123456789", None),
            ("+12345", None),
            ("+1234567890123456", None),
            ("10-1234-5678", None),
            ("010-12-5678", None),
            ("010-1234-567", None),
            ("010-1234-5678-9", None),
            ("01012345678", None),
            ("+82 10 1234 567x", None),
            ("010-١٢٣٤-5678", None),
        ] {
            assert_eq!(phone(text).ok().as_deref(), stored, "{text}");
        }
    }

    #[test]
    fn somebody_is_old_enough_on_the_birthday_itself() {
        let born = date(2010, 6, 15);
        assert_eq!(birthdate(born, date(2024, 6, 14), 14), Err(InvalidProfile::TooYoung(14)));
        assert_eq!(birthdate(born, date(2024, 6, 15), 14), Ok(()));
        assert_eq!(birthdate(date(2025, 1, 1), date(2024, 12, 31), 14), Err(InvalidProfile::NotBorn));
        assert_eq!(birthdate(date(1899, 12, 31), date(2024, 1, 1), 14), Err(InvalidProfile::TooLongAgo));
        assert_eq!(birthdate(date(1900, 1, 1), date(2024, 1, 1), 14), Ok(()));
        let leap = date(2008, 2, 29);
        assert_eq!(birthdate(leap, date(2022, 2, 28), 14), Err(InvalidProfile::TooYoung(14)));
        assert_eq!(birthdate(leap, date(2022, 3, 1), 14), Ok(()));
    }

    #[test]
    fn time_zones_are_those_of_the_database() {
        for (name, stored) in [
            ("Asia/Seoul", Some("Asia/Seoul")),
            ("america/los_angeles", Some("America/Los_Angeles")),
            ("UTC", Some("UTC")),
            ("", Some("")),
            ("Mars/Olympus", None),
            ("+09:00", None),
            ("../../etc/passwd", None),
            ("KST", None),
        ] {
            assert_eq!(time_zone(name).ok().as_deref(), stored, "{name}");
        }
    }

    #[test]
    fn texts_have_a_limit_and_no_control_characters() {
        assert_eq!(bio(&"가".repeat(BIO_MAX)).unwrap().chars().count(), BIO_MAX);
        assert_eq!(bio(&"가".repeat(BIO_MAX + 1)), Err(InvalidProfile::TooLong(BIO_MAX)));
        assert_eq!(bio(" two\r\nlines ").unwrap(), "two\nlines");
        assert_eq!(bio("a\u{0}b"), Err(InvalidProfile::Control));
        assert_eq!(country("Côte d'Ivoire").unwrap(), "Côte d'Ivoire");
        assert_eq!(country(&"x".repeat(COUNTRY_MAX + 1)), Err(InvalidProfile::TooLong(COUNTRY_MAX)));
        assert_eq!(country("USA\nX"), Err(InvalidProfile::Control));
        assert_eq!(name("  "), Err(InvalidProfile::Empty));
        assert_eq!(name("\u{202e}nimda"), Err(InvalidProfile::Control));
        assert_eq!(name(" 김철수 ").unwrap(), "김철수");
    }

    proptest! {
        #[test]
        fn an_accepted_number_is_in_its_stored_form(text in "[+0-9() .-]{0,24}") {
            if let Ok(stored) = phone(&text) {
                prop_assert_eq!(phone(&stored), Ok(stored.clone()));
                prop_assert!(stored.len() <= 20, "fits the field of the seeds");
            }
        }

        #[test]
        fn age_grows_by_one_a_year(day in 0..40_000i64, years in 0..120i64) {
            let born = date(1900, 1, 1) + day.days();
            let birthday = born + years.years();
            // 29 February has no anniversary in a common year: it counts a day later.
            let late = i16::from(birthday.day() != born.day());
            prop_assert_eq!(i64::from(age(born, birthday)), years - i64::from(late));
            prop_assert_eq!(i64::from(age(born, birthday - 1.day())), years - 1);
        }
    }
}
