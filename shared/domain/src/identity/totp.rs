//! Time-based one-time passwords (RFC 6238) with the parameters that every authenticator app knows: SHA-1, six digits, 30 seconds.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac, digest::KeyInit};
use kernel::{Secret, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Random bytes of a secret: the length of the hash (RFC 4226, 4, R6).
pub const SECRET_BYTES: usize = 20;
/// Seconds for which a code is shown.
pub const STEP_SECONDS: u64 = 30;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Steps before and after the present one whose codes are taken too, for clocks that differ (RFC 6238, 5.2).
pub const SKEW: u64 = 1;

/// The unreserved characters of RFC 3986 stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The step at which `code` is the right one: within [`SKEW`] of the present step, and after `last_used_step`, so that nobody who
/// saw a code can use it again (RFC 6238, 5.2). The caller stores the step under the condition that it is still after the last
/// used one: of racers with one code, one gets in. Spaces in the code are dropped: apps show them.
pub fn matching_step(
    secret: &[u8; SECRET_BYTES],
    code: &str,
    now: Timestamp,
    last_used_step: Option<u64>,
) -> Option<u64> {
    let typed: Vec<u8> = code.bytes().filter(|b| *b != b' ').collect();
    if typed.len() != DIGITS {
        return None;
    }
    let present = step_at(now)?;
    let mut found = None;
    // All steps are computed and compared, in constant time, whichever matches.
    for step in present.saturating_sub(SKEW)..=present.saturating_add(SKEW) {
        let right = bool::from(code_at(secret, step).as_bytes().ct_eq(&typed));
        let unused = last_used_step.is_none_or(|last| step > last);
        // The earliest match counts: a later step with the same digits stays unused.
        if right && unused && found.is_none() {
            found = Some(step);
        }
    }
    found
}

/// The step of a moment; `None` before 1970.
pub fn step_at(now: Timestamp) -> Option<u64> {
    Some(u64::try_from(now.as_second()).ok()? / STEP_SECONDS)
}

/// The code of a step (RFC 4226, 5.3).
pub fn code_at(secret: &[u8; SECRET_BYTES], step: u64) -> String {
    // HMAC fills a key that is shorter than a block with zeros (RFC 2104, 2).
    let mut key = [0; 64];
    key[..SECRET_BYTES].copy_from_slice(secret);
    let mac = <Hmac<Sha1> as KeyInit>::new(&key.into()).chain_update(step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(hash[19] & 15);
    let word = [hash[offset], hash[offset + 1], hash[offset + 2], hash[offset + 3]];
    format!("{:0DIGITS$}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// The secret as apps take it: base 32 without padding.
pub fn secret_text(secret: &[u8; SECRET_BYTES]) -> Secret<String> {
    Secret::new(BASE32_NOPAD.encode(secret))
}

/// What an app reads from the QR code:
/// `otpauth://totp/{issuer}:{account}?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30`.
pub fn otpauth_uri(issuer: &str, account: &str, secret: &[u8; SECRET_BYTES]) -> Secret<String> {
    // A colon separates the two parts of the label: neither may have one.
    let part = |text: &str| utf8_percent_encode(&text.replace(':', ""), ESCAPED).to_string();
    let (issuer, account) = (part(issuer), part(account));
    Secret::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        BASE32_NOPAD.encode(secret)
    ))
}

#[cfg(test)]
mod tests {
    use kernel::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const RFC_SECRET: &[u8; SECRET_BYTES] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, SHA-1: the last six of the eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_at(at(second)).unwrap();
            assert_eq!(code_at(RFC_SECRET, step), code);
            assert_eq!(matching_step(RFC_SECRET, code, at(second), None), Some(step));
        }
        // RFC 4226, appendix D: the counters 0 to 3.
        let codes: Vec<String> = (0..4).map(|step| code_at(RFC_SECRET, step)).collect();
        assert_eq!(codes, ["755224", "287082", "359152", "969429"]);
    }

    #[test]
    fn what_is_no_code_matches_nothing() {
        for typed in ["", "28708", "2870820", "28708a", "２８７０８２", "-87082", "+87082"] {
            assert_eq!(matching_step(RFC_SECRET, typed, at(59), None), None, "{typed}");
        }
        assert_eq!(matching_step(RFC_SECRET, " 287 082 ", at(59), None), Some(1));
        assert_eq!(matching_step(RFC_SECRET, "287082", at(-1), None), None);
    }

    #[test]
    fn an_app_gets_the_secret_and_the_parameters() {
        let uri = otpauth_uri("Learn:Flow", "김@example.com", RFC_SECRET);
        assert_eq!(
            uri.expose(),
            "otpauth://totp/LearnFlow:%EA%B9%80%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=LearnFlow&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(secret_text(RFC_SECRET).expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    proptest! {
        #[test]
        fn a_code_works_one_step_around_its_own_and_nowhere_else(
            secret: [u8; SECRET_BYTES], second in 3_000..10_000_000_000i64, away in -5..=5i64
        ) {
            let own = step_at(at(second)).unwrap();
            let now = at(second) + SignedDuration::from_secs(away * 30);
            let matched = matching_step(&secret, &code_at(&secret, own), now, None);
            if away.abs() <= 1 {
                // Two neighbouring steps have the same digits once in a million.
                prop_assert!(matched.is_some_and(|step| step <= own));
            } else if let Some(step) = matched {
                prop_assert_eq!(code_at(&secret, step), code_at(&secret, own), "a chance hit");
            }
        }

        #[test]
        fn no_code_works_twice(
            secret: [u8; SECRET_BYTES], start in 3_000..10_000_000_000i64,
            tries in prop::collection::vec((0..40i64, -2..=2i64), 1..40)
        ) {
            let (mut now, mut last) = (start, None);
            let mut used = std::collections::BTreeSet::new();
            for (wait, offset) in tries {
                now += wait;
                let step = step_at(at(now)).unwrap().saturating_add_signed(offset);
                if let Some(matched) = matching_step(&secret, &code_at(&secret, step), at(now), last) {
                    prop_assert!(used.insert(matched), "a step was used twice");
                    prop_assert!(last.is_none_or(|last| matched > last));
                    last = Some(matched);
                }
            }
        }
    }
}
