//! Only what the gateway signed now is taken.

use gateway::webhook::{self, TOLERANCE_SECONDS, WebhookError};
use kernel::{Secret, Timestamp};
use proptest::prelude::*;
use stripe_stand_in::sign;

const NOW: i64 = 1_769_860_800;
const BODY: &str = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1769860800,"livemode":false,
"data":{"object":{"id":"pi_1","object":"payment_intent","amount":1999,"currency":"usd","metadata":{"order_id":"order-1"}}}}"#;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn secret() -> Secret<String> {
    Secret::new("whsec_local".into())
}

fn check(body: &[u8], header: &str) -> Result<(), WebhookError> {
    webhook::check(body, header, &secret(), at(NOW))
}

#[test]
fn two_thousand_flipped_bits_are_all_noticed() {
    let header = sign("whsec_local", BODY, at(NOW));
    check(BODY.as_bytes(), &header).unwrap();
    let (mut flipped, mut seed) = (0, 7_u64);
    while flipped < 2000 {
        // A generator of Lehmer: the places differ, and are the same in each run.
        seed = seed * 48_271 % 2_147_483_647;
        let place = usize::try_from(seed).unwrap();
        let (mut body, mut signature) = (BODY.as_bytes().to_vec(), header.clone().into_bytes());
        let bytes = if flipped % 2 == 0 { &mut body } else { &mut signature };
        let length = bytes.len();
        bytes[place % length] ^= 1 << (place / length % 8);
        // A header is text: what is none is refused before it is looked at.
        let refused = match String::from_utf8(signature) {
            Ok(signature) => check(&body, &signature).is_err(),
            Err(_) => true,
        };
        assert!(refused, "flip {flipped} at {place}");
        flipped += 1;
    }
}

#[test]
fn a_signature_holds_for_five_minutes_in_both_directions() {
    for (offset, fits) in
        [(0, true), (-300, true), (300, true), (-301, false), (301, false), (-86_400, false)]
    {
        let header = sign("whsec_local", BODY, at(NOW + offset));
        let result = check(BODY.as_bytes(), &header);
        assert_eq!(result.is_ok(), fits, "{offset}");
        assert!(fits || matches!(result, Err(WebhookError::Stale)), "{offset}");
    }
    assert_eq!(TOLERANCE_SECONDS, 300);
    // A fresh time in the header does not make an old signature fresh.
    let old = sign("whsec_local", BODY, at(NOW - 3600));
    let forged = old.replace(&format!("t={}", NOW - 3600), &format!("t={NOW}"));
    assert!(matches!(check(BODY.as_bytes(), &forged), Err(WebhookError::Signature)));
}

#[test]
fn other_secrets_sign_nothing() {
    for other in ["whsec_other", "whsec_loca", "whsec_locall", "WHSEC_LOCAL", "", " "] {
        let header = sign(other, BODY, at(NOW));
        assert!(matches!(check(BODY.as_bytes(), &header), Err(WebhookError::Signature)), "{other:?}");
    }
    // A stack that was deployed without a secret takes nothing, rather than everything.
    let header = sign("", BODY, at(NOW));
    let empty = webhook::check(BODY.as_bytes(), &header, &Secret::new(String::new()), at(NOW));
    assert!(matches!(empty, Err(WebhookError::Signature)));
}

#[test]
fn one_of_several_signatures_is_enough() {
    let right = sign("whsec_local", BODY, at(NOW));
    let code = right.split("v1=").nth(1).unwrap();
    let wrong = "0".repeat(64);
    check(BODY.as_bytes(), &format!("t={NOW},v1={wrong},v1={code}")).unwrap();
    check(BODY.as_bytes(), &format!("t={NOW}, v1={code}, v0={wrong}")).unwrap();
    // Another scheme is no signature.
    assert!(matches!(check(BODY.as_bytes(), &format!("t={NOW},v0={code}")), Err(WebhookError::Header)));
    let many = format!("t={NOW}{},v1={code}", format!(",v1={wrong}").repeat(8));
    assert!(matches!(check(BODY.as_bytes(), &many), Err(WebhookError::Header)));
}

#[test]
fn headers_that_are_none_are_refused() {
    let code = sign("whsec_local", BODY, at(NOW)).split("v1=").nth(1).unwrap().to_owned();
    for header in [
        String::new(),
        "t=".into(),
        format!("v1={code}"),
        format!("t={NOW}"),
        format!("t=,v1={code}"),
        format!("t=-{NOW},v1={code}"),
        format!("t=+{NOW},v1={code}"),
        format!("t={NOW}0000000000000,v1={code}"),
        format!("t={NOW},t={NOW},v1={code}"),
    ] {
        assert!(matches!(check(BODY.as_bytes(), &header), Err(WebhookError::Header)), "{header}");
    }
    for header in [
        format!("t={NOW},v1={}", &code[..62]),
        format!("t={NOW},v1={code}00"),
        format!("t={NOW},v1={}", code.to_uppercase()),
    ] {
        assert!(matches!(check(BODY.as_bytes(), &header), Err(WebhookError::Signature)), "{header}");
    }
}

proptest! {
    #[test]
    fn no_header_and_no_body_that_was_made_up_is_taken(
        header in "(t=[0-9]{0,12})?(,?v[01]=[0-9a-f]{0,70}){0,4}|\\PC{0,80}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(check(&body, &header).is_err());
    }

    #[test]
    fn what_is_signed_is_taken_whatever_it_says(body in "\\PC{0,300}", offset in -300..=300_i64) {
        prop_assert!(check(body.as_bytes(), &sign("whsec_local", &body, at(NOW + offset))).is_ok());
    }

    #[test]
    fn no_body_breaks_the_reader(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = gateway::Event::parse(&body);
    }
}
