//! Recovery codes: each stands in once for the second factor.

use sha2::{Digest, Sha256};

/// How many codes somebody gets at a time.
pub const CODES: usize = 10;
/// Random bytes for one code: 10 characters of 5 bits each.
pub const CODE_BYTES: usize = 10;

/// Crockford's base 32: no I, L, O, U, so that nothing is misread and no word comes up.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A code, such as `7k2m-x9qd-4c`, of 50 bits out of the given random bytes: of each, the lower five bits.
pub fn code(random: &[u8; CODE_BYTES]) -> String {
    let mut text = String::with_capacity(12);
    for (place, byte) in random.iter().enumerate() {
        if matches!(place, 4 | 8) {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    text
}

/// A code as it is compared: lower case, no hyphens or spaces, and what is misread as another character put right. `None` for
/// what can be no code.
pub fn normalize(typed: &str) -> Option<String> {
    let chars = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let text: String = chars
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    let valid = text.len() == CODE_BYTES && text.bytes().all(|b| ALPHABET.contains(&b));
    valid.then_some(text)
}

/// What is stored of a code of this user: SHA-256 of both, in hexadecimal; `None` for what can be no code. A fast hash is enough:
/// the code has 50 random bits, no word to guess, is tried five times at most through the API, and a thief of the hashes, who
/// may try 10^10 a second, needs half a day for each user's codes alone, and then still the password.
pub fn hash(user_id: &str, typed: &str) -> Option<String> {
    let code = normalize(typed)?;
    let digest = Sha256::new().chain_update(user_id).chain_update([0]).chain_update(code).finalize();
    Some(data_encoding::HEXLOWER.encode(&digest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_reads_well() {
        assert_eq!(code(&[0, 1, 2, 3, 28, 29, 30, 31, 18, 20]), "0123-wxyz-jm");
        assert_eq!(code(&[0xff; CODE_BYTES]), "zzzz-zzzz-zz");
    }

    #[test]
    fn slips_of_the_hand_are_put_right() {
        for (typed, code) in [
            ("0123-wxyz-jm", Some("0123wxyzjm")),
            (" 0123 WXYZ JM ", Some("0123wxyzjm")),
            ("OI23wxyzjm", Some("0123wxyzjm")),
            ("ol23wxyzjm", Some("0123wxyzjm")),
            ("0123wxyzj", None),
            ("0123wxyzjmm", None),
            ("0123wxyzju", None),
            ("0123wxyzj가", None),
            ("", None),
        ] {
            assert_eq!(normalize(typed).as_deref(), code, "{typed}");
        }
    }

    #[test]
    fn equal_codes_of_two_users_are_stored_differently() {
        assert_eq!(hash("u1", "0123-wxyz-jm"), hash("u1", "O123 WXYZ JM"));
        assert_ne!(hash("u1", "0123-wxyz-jm"), hash("u2", "0123-wxyz-jm"));
        assert_eq!(hash("u1", "wrong"), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_is_taken(random: [u8; CODE_BYTES], other: [u8; CODE_BYTES]) {
            let shown = code(&random);
            prop_assert_eq!(normalize(&shown), Some(shown.replace('-', "")));
            prop_assert_eq!(hash("u", &shown) == hash("u", &code(&other)), shown == code(&other));
        }

        #[test]
        fn anything_may_be_typed(typed in "\\PC{0,30}") {
            normalize(&typed);
        }
    }
}
