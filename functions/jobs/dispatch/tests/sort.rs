//! What the stream of the identity table makes.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use aws_lambda_events::dynamodb::{Event, EventRecord};
use contracts::notify::Notify;
use domain::identity::SecurityEventKind;

/// The sample of events/, which is the event that Lambda gives.
fn sample() -> Vec<EventRecord> {
    serde_json::from_str::<Event>(include_str!("../../../../events/dynamodb/security-event.json"))
        .unwrap()
        .records
}

fn with(kind: &str) -> Vec<EventRecord> {
    let mut records = sample();
    records[0].change.new_image.insert("kind".into(), serde_dynamo::AttributeValue::S(kind.into()));
    records
}

#[test]
fn an_event_travels_under_its_own_identifier_and_time() {
    let sorted = job_dispatch::sort(sample());
    let [message] = &sorted.messages[..] else { panic!("{sorted:?}") };
    assert_eq!(message.event_id.to_string(), "01933b7a-3c5e-7000-8000-00000000e001");
    assert_eq!(message.occurred_at.to_string(), "2026-06-01T12:00:00Z");
    let user_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
    let event = SecurityEventKind::PasswordChanged;
    assert_eq!(message.message, Notify::SecurityEvent { user_id, event_id: message.event_id, event });
}

#[test]
fn a_registration_asks_for_the_verification_mail() {
    let sorted = job_dispatch::sort(with("registered"));
    assert!(matches!(sorted.messages[0].message, Notify::Verification { .. }));
}

#[test]
fn nothing_else_makes_a_message() {
    for kind in ["login", "email_verified", "password_reset_requested"] {
        let sorted = job_dispatch::sort(with(kind));
        assert!(sorted.messages.is_empty() && sorted.unreadable.is_empty(), "{kind}");
    }
    for name in ["MODIFY", "REMOVE"] {
        let mut records = sample();
        records[0].event_name = name.into();
        assert!(job_dispatch::sort(records).messages.is_empty(), "{name}");
    }
    let mut records = sample();
    records[0].change.new_image.insert("type".into(), serde_dynamo::AttributeValue::S("session".into()));
    let sorted = job_dispatch::sort(records);
    assert!(sorted.messages.is_empty() && sorted.unreadable.is_empty());
}

#[test]
fn an_unreadable_event_is_set_aside_by_its_key_and_its_neighbours_go_on() {
    let mut records = with("a_kind_of_the_next_release");
    records.extend(sample());
    let sorted = job_dispatch::sort(records);
    assert_eq!(sorted.messages.len(), 1);
    let [(keys, reason)] = &sorted.unreadable[..] else { panic!("{sorted:?}") };
    assert!(keys.contains("EVENTS#01933b7a-3c5e-7000-8000-4f2d1c9a7b10"), "{keys}");
    assert!(reason.contains("a_kind_of_the_next_release"), "{reason}");
    assert!(
        !keys.contains("203.0.113.7") && !reason.contains("203.0.113.7"),
        "where from stays in the table"
    );
}
