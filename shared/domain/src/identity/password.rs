//! Which passwords are refused. There are no rules of composition (NIST SP 800-63B, 3.1.1.2): a password is refused for being
//! short, common, a pattern, or the person's own data.
//!
//! `common_passwords.txt` is the list of Django (`django/contrib/auth/common-passwords.txt.gz`, BSD-3-Clause, made by Royce
//! Williams), in lower case, without what is shorter than 6 characters, sorted by bytes. See `NOTICE`.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Fewest characters of a password (seed 001, §9.1), unless a deployment sets another minimum.
pub const PASSWORD_MIN: usize = 12;
/// The smallest minimum that a deployment may set (NIST SP 800-63B, 3.1.1.2).
pub const PASSWORD_MIN_FLOOR: usize = 8;
/// Most characters of a password: Argon2's cost does not depend on it, but a body's size does.
pub const PASSWORD_MAX: usize = 128;

/// Likeness to something about the person from which a password is refused (Django's UserAttributeSimilarityValidator).
const MAX_LIKENESS: f64 = 0.7;
/// Fewest characters that a guesser who goes on along the alphabet or the keyboard does not foresee.
const FEWEST_SURPRISES: usize = 5;

/// Digits and signs at either end of a word that may be its own.
const OWN_SIGNS: usize = 3;

/// Lines in lower case, sorted by bytes.
const COMMON: &str = include_str!("common_passwords.txt");
/// What the list, made in the west, lacks: password, love, hello, Korea; and the name of the service (NIST SP 800-63B, 3.1.1.2).
const ALSO_COMMON: [&str; 7] =
    ["비밀번호", "사랑해", "사랑해요", "사랑합니다", "안녕하세요", "대한민국", "learnflow"];
/// Neighbours that are not next to each other in Unicode: rows of keyboards, the Korean alphabet as it is recited.
const ROWS: [&str; 8] = [
    "1234567890",
    "!@#$%^&*()",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ",
    "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
    "가나다라마바사아자차카타파하",
];

/// Why a password is refused; reads on after "password".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("must have at least {minimum} characters")]
    TooShort {
        /// The fewest that are allowed.
        minimum: usize,
    },
    /// More than [`PASSWORD_MAX`] characters.
    #[error("must have at most {PASSWORD_MAX} characters")]
    TooLong,
    /// Nothing but digits.
    #[error("must not be digits only")]
    OnlyDigits,
    /// Too like the person's name or address.
    #[error("must not be made from your name or e-mail address")]
    LikeThePerson,
    /// A repetition, or a run along the alphabet or the keyboard.
    #[error(
        "must not be a pattern such as abcdefgh or 12341234; put together some words that have nothing to do with each other"
    )]
    Predictable,
    /// A common password, or one with a few digits or signs added.
    #[error(
        "must not be a common password with something added; put together some words that have nothing to do with each other"
    )]
    Common,
}

/// The rules for a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    minimum: usize,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { minimum: PASSWORD_MIN }
    }
}

impl PasswordRules {
    /// The rules with a minimum of characters, held between [`PASSWORD_MIN_FLOOR`] and [`PASSWORD_MAX`]. Fewer than
    /// [`PASSWORD_MIN`] are for deployments where everybody has a second factor.
    pub fn with_minimum(minimum: usize) -> Self {
        Self { minimum: minimum.clamp(PASSWORD_MIN_FLOOR, PASSWORD_MAX) }
    }

    /// Fewest characters.
    pub fn minimum(self) -> usize {
        self.minimum
    }

    /// Checks a new password. `about_the_person` are names, user name and address.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(self, password: &str, about_the_person: &[&str]) -> Result<(), WeakPassword> {
        let password = normalize_password(password);
        // Counted before it is put into lower case, which makes two characters of some.
        match password.chars().count() {
            length if length < self.minimum => return Err(WeakPassword::TooShort { minimum: self.minimum }),
            length if length > PASSWORD_MAX => return Err(WeakPassword::TooLong),
            _ => {}
        }
        let password = password.to_lowercase();
        let chars: Vec<char> = password.chars().collect();
        if chars.iter().all(|c| c.is_numeric()) {
            return Err(WeakPassword::OnlyDigits);
        }
        let forms = simpler_forms(password);
        if about_the_person.iter().any(|about| forms.iter().any(|form| is_like(form, about))) {
            return Err(WeakPassword::LikeThePerson);
        }
        if (1..FEWEST_SURPRISES).any(|stride| surprises(&chars, stride) < FEWEST_SURPRISES) {
            return Err(WeakPassword::Predictable);
        }
        if forms.iter().any(|form| is_common(form)) {
            return Err(WeakPassword::Common);
        }
        Ok(())
    }
}

/// The password as it is hashed: NFC, so that one password typed on two systems is the same (RFC 8265, 4.2.2).
pub fn normalize_password(password: &str) -> String {
    // ASCII is NFC (Unicode Standard Annex 15, section 1.2).
    if password.is_ascii() { password.to_owned() } else { password.nfc().collect() }
}

/// The password and all that is left of it when what people add to a weak one is taken away, in any order: digits and signs
/// around it or within it, letters written as digits or signs, repetition.
fn simpler_forms(password: String) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([password.clone()]);
    let mut todo = vec![password];
    // Ends: a step makes a text shorter, or has fewer signs in it that stand for letters, or leaves it as it is.
    while let Some(text) = todo.pop() {
        let mut steps = without_surroundings(&text);
        steps.push(text.chars().filter(|c| c.is_alphanumeric()).collect());
        steps.extend(['i', 'l'].map(|one| text.chars().map(|c| letter_meant(c, one)).collect()));
        steps.extend(repeated_parts(&text));
        steps.push(without_runs(&text));
        for form in steps {
            if !forms.contains(&form) {
                forms.insert(form.clone());
                todo.push(form);
            }
        }
    }
    forms
}

/// What stands from the first letter to the last, with up to [`OWN_SIGNS`] of the digits and signs on either side: `trustno1` has
/// one of its own.
fn without_surroundings(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let letter = |c: &char| c.is_alphabetic();
    let (Some(first), Some(last)) = (chars.iter().position(letter), chars.iter().rposition(letter)) else {
        return Vec::new();
    };
    let kept = |before: usize, after: usize| {
        let end = (last + 1 + after).min(chars.len());
        chars[first.saturating_sub(before)..end].iter().collect()
    };
    (0..=OWN_SIGNS)
        .flat_map(|before| (0..=OWN_SIGNS).map(move |after| (before, after)))
        .map(|(b, a)| kept(b, a))
        .collect()
}

/// The letter for which a digit or sign stands; `one` is that for 1, which stands for two.
fn letter_meant(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    }
}

/// The texts whose repetition gives this one, its last time perhaps cut off.
fn repeated_parts(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let repeats = |length: &usize| chars.iter().zip(chars.iter().skip(*length)).all(|(a, b)| a == b);
    (1..=chars.len() / 2).filter(repeats).map(|length| chars.iter().take(length).collect()).collect()
}

/// Three or more of one character in a row count as one: `passwordddd` is `password`.
fn without_runs(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let runs = chars.chunk_by(|a, b| a == b);
    runs.flat_map(|run| if run.len() > 2 { &run[..1] } else { run }).collect()
}

/// Characters that do not follow from the one `stride` places before: neither the same nor its neighbour.
fn surprises(chars: &[char], stride: usize) -> usize {
    let foreseen =
        chars.iter().zip(chars.iter().skip(stride)).filter(|&(&a, &b)| are_neighbours(a, b)).count();
    chars.len() - foreseen
}

fn are_neighbours(a: char, b: char) -> bool {
    let place = |row: &str, wanted| row.chars().position(|c| c == wanted);
    u32::from(a).abs_diff(u32::from(b)) <= 1
        || ROWS.iter().any(|row| match (place(row, a), place(row, b)) {
            (Some(a), Some(b)) => a.abs_diff(b) <= 1,
            _ => false,
        })
}

/// Whether a form of the password is nearly something about the person, or a part of it, or mostly consists of it.
fn is_like(form: &str, about: &str) -> bool {
    let about = normalize_password(about.trim()).to_lowercase();
    let form_chars: Vec<char> = form.chars().collect();
    let parts = about.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 2);
    parts.chain([about.as_str()]).filter(|part| !part.is_empty()).any(|part| {
        let chars: Vec<char> = part.chars().collect();
        // A short name is part of many good passwords; only where it makes up half of one does it weaken it.
        let dominates = chars.len() * 2 >= form_chars.len() && form.contains(part);
        let within = form_chars.len() >= PASSWORD_MIN_FLOOR && part.contains(form);
        dominates || within || likeness(&form_chars, &chars) >= MAX_LIKENESS
    })
}

/// Twice the longest common subsequence as a share of both lengths: 1 for the same text, 0 where no character is shared.
/// Django counts characters without their order, which refuses passphrases for being long.
fn likeness(a: &[char], b: &[char]) -> f64 {
    let total = a.len() + b.len();
    let share = |common: usize| if total == 0 { 0.0 } else { 2.0 * common as f64 / total as f64 };
    // Most pairs differ too much in length to be alike.
    if share(a.len().min(b.len())) < MAX_LIKENESS {
        return 0.0;
    }
    let mut row = vec![0_usize; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    share(row[b.len()])
}

fn is_common(form: &str) -> bool {
    ALSO_COMMON.contains(&form) || is_listed(form)
}

/// Binary search for a line, on the text itself: nothing is built at start.
fn is_listed(word: &str) -> bool {
    let mut lines = COMMON.as_bytes();
    while !lines.is_empty() {
        let middle = lines.len() / 2;
        let start = lines[..middle].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let end = lines[middle..].iter().position(|b| *b == b'\n').map_or(lines.len(), |at| middle + at);
        match word.as_bytes().cmp(&lines[start..end]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => lines = &lines[..start],
            std::cmp::Ordering::Greater => lines = lines.get(end + 1..).unwrap_or_default(),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_password(password: &str, about_the_person: &[&str]) -> Result<(), WeakPassword> {
        PasswordRules::default().check(password, about_the_person)
    }

    fn words() -> impl Strategy<Value = &'static str> {
        // Words without letters are refused too, as long as nothing but digits is added to them.
        let signs = |word: &str, from_end: bool| {
            let is_sign = |c: &char| !c.is_alphabetic();
            if from_end {
                word.chars().rev().take_while(is_sign).count()
            } else {
                word.chars().take_while(is_sign).count()
            }
        };
        let words = COMMON.lines().filter(|word| signs(word, false).max(signs(word, true)) <= OWN_SIGNS);
        prop::sample::select(words.collect::<Vec<_>>())
    }

    #[test]
    fn each_password_rule_refuses_what_it_names() {
        let person = ["alexandra@example.com", "Alexandra", "Kim", "o.smithson"];
        for (password, verdict) in [
            ("elevenchars", Err(WeakPassword::TooShort { minimum: 12 })),
            ("correct horse battery staple", Ok(())),
            ("12345678901234", Err(WeakPassword::OnlyDigits)),
            ("alexandra12345", Err(WeakPassword::LikeThePerson)),
            ("ALEXANDRA@example.com", Err(WeakPassword::LikeThePerson)),
            ("Al3x@ndr4-2024!!", Err(WeakPassword::LikeThePerson)),
            ("smithson-1987-04", Err(WeakPassword::LikeThePerson)),
            ("alexsandraexample", Err(WeakPassword::LikeThePerson)),
            ("비밀번호는열두글자이상이다", Ok(())),
            ("kim likes long walks", Ok(())),
            ("password1234!", Err(WeakPassword::Common)),
            ("P@ssw0rdP@ssw0rd", Err(WeakPassword::Common)),
            ("P@ssw0rd1P@ssw0rd1", Err(WeakPassword::Common)),
            // A listed word that is a repetition itself.
            ("mommommommom00", Err(WeakPassword::Common)),
            ("...i-l0ve-you...2024", Err(WeakPassword::Common)),
            ("passwordddddd", Err(WeakPassword::Common)),
            ("비밀번호-2024-01!", Err(WeakPassword::Common)),
            ("LearnFlow2026!", Err(WeakPassword::Common)),
            ("aaaaaaaaaaaaaaaa", Err(WeakPassword::Predictable)),
            ("abcdefghijkl", Err(WeakPassword::Predictable)),
            ("lkjihgfedcba", Err(WeakPassword::Predictable)),
            ("1234abcd1234", Err(WeakPassword::Predictable)),
            ("qwertyuiop[]", Err(WeakPassword::Predictable)),
            ("1q2w3e4r5t6y", Err(WeakPassword::Predictable)),
            ("1qaz2wsx3edc", Err(WeakPassword::Predictable)),
            ("가나다라마바사아자차카타", Err(WeakPassword::Predictable)),
            ("xyz!xyz!xyz!xyz!", Err(WeakPassword::Predictable)),
            ("tR7#mq9Lw2xZ", Ok(())),
            ("오늘 저녁은 매운 떡볶이", Ok(())),
        ] {
            assert_eq!(check_password(password, &person), verdict, "{password}");
        }
        assert_eq!(check_password(&"xq7".repeat(43), &[]), Err(WeakPassword::TooLong));
        // Digits that repeat are digits only before they are a pattern.
        assert_eq!(check_password("123412341234", &[]), Err(WeakPassword::OnlyDigits));
    }

    #[test]
    fn the_minimum_is_a_setting_with_a_floor() {
        for (set, minimum) in [(0, 8), (8, 8), (10, 10), (12, 12), (500, 128)] {
            assert_eq!(PasswordRules::with_minimum(set).minimum(), minimum);
        }
        let rules = PasswordRules::with_minimum(8);
        assert_eq!(rules.check("w7#kQz2p", &[]), Ok(()));
        assert_eq!(rules.check("w7#kQz2", &[]), Err(WeakPassword::TooShort { minimum: 8 }));
        assert_eq!(rules.check("trustno1", &[]), Err(WeakPassword::Common));
    }

    #[test]
    fn the_list_is_sorted_and_each_of_its_words_is_found() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 15_000);
        assert!(lines.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
        assert!(lines.iter().all(|line| is_listed(line)));
        for word in ["", "\n", "passwordpassword1x", "zzzzzzzzzzzzzzz", "!", "correct horse battery staple"] {
            assert!(!is_listed(word), "{word:?}");
        }
    }

    #[test]
    fn likeness_is_a_share_of_what_both_have_in_order() {
        let of = |a: &str, b: &str| likeness(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert!((of("abcd", "abcd") - 1.0).abs() < 1e-9);
        assert!((of("abcde", "abxde") - 0.8).abs() < 1e-9);
        assert!(of("abcd", "dcba") < 0.3);
        assert!(of("", "") < 1e-9);
    }

    proptest! {
        #[test]
        fn a_composed_and_a_decomposed_password_are_one(text in "\\PC{0,40}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(normalize_password(&text), normalize_password(&decomposed));
            prop_assert_eq!(check_password(&text, &[]), check_password(&decomposed, &[]));
        }

        #[test]
        fn no_common_password_gets_through_by_what_people_add(
            word in words(), before in "[0-9!.#]{0,4}", after in "[0-9!.#]{0,12}", shout: bool, times in 1..4usize
        ) {
            let word = if shout { word.to_uppercase() } else { word.to_owned() };
            let password = format!("{before}{}{after}", word.repeat(times));
            prop_assert!(check_password(&password, &[]).is_err(), "{}", password);
        }

        #[test]
        fn a_name_with_anything_shorter_around_it_is_refused(
            name in "[a-z]{6,20}", before in "[a-z0-9]{0,2}", after in "[a-z0-9]{0,3}"
        ) {
            let password = format!("{before}{name}{after}");
            let about = format!("{name}@example.com");
            prop_assert!(PasswordRules::with_minimum(8).check(&password, &[&about]).is_err());
        }

        #[test]
        fn random_passwords_are_accepted(password in "[a-zA-Z0-9]{16}") {
            // 16 random characters: a pattern or a listed word among them has a chance far below one in a million.
            prop_assume!(password.chars().any(|c| c.is_alphabetic()));
            let distinct: BTreeSet<char> = password.to_lowercase().chars().collect();
            prop_assume!(distinct.len() > 8);
            prop_assert_eq!(check_password(&password, &["somebody@example.com"]), Ok(()));
        }

        #[test]
        fn any_text_has_a_verdict(password in "\\PC{0,140}", about in "\\PC{0,60}") {
            let verdict = check_password(&password, &[&about]);
            let length = normalize_password(&password).chars().count();
            prop_assert!((PASSWORD_MIN..=PASSWORD_MAX).contains(&length) || verdict.is_err());
        }
    }
}
