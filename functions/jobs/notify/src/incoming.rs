//! What comes over the queue: our own messages, and what SES tells through SNS of mails that were sent.

use contracts::{DecodeError, Received, notify::Notify};
use domain::identity::normalize_email;
use serde::Deserialize;
use serde_json::Value;
use store::entities::mail::Suppressed;

/// A message of the queue.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// Somebody is to be written to.
    Notify(Received<Notify>),
    /// These addresses, in normal form, take no more mails.
    Feedback(Vec<(String, Suppressed)>),
}

/// An event of SES (SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS"). A configuration set names
/// the field `eventType`, the topics of an identity name it `notificationType`.
#[derive(Deserialize)]
struct SesEvent {
    #[serde(alias = "notificationType", rename = "eventType")]
    kind: String,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    complaint_feedback_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Reads a body: an envelope of ours, an event of SES, or one that SNS has wrapped (a subscription without raw delivery).
///
/// # Errors
/// [`DecodeError`] when it is none of them.
pub fn read(body: &str) -> Result<Incoming, DecodeError> {
    let value: Value = serde_json::from_str(body).map_err(DecodeError::NotAnEnvelope)?;
    if value["Type"] == "Notification"
        && let Some(inner) = value["Message"].as_str()
    {
        let inner: Value = serde_json::from_str(inner).map_err(DecodeError::NotAnEnvelope)?;
        return feedback(inner);
    }
    if value.get("eventType").is_some() || value.get("notificationType").is_some() {
        return feedback(value);
    }
    contracts::receive(body).map(Incoming::Notify)
}

fn feedback(value: Value) -> Result<Incoming, DecodeError> {
    // serde's own words may quote an address.
    let unreadable =
        |_| DecodeError::NotAnEnvelope(serde::de::Error::custom("an event of SES of an unknown form"));
    let event: SesEvent = serde_json::from_value(value).map_err(unreadable)?;
    let all = |recipients: Vec<Recipient>, reason| {
        recipients.into_iter().map(|one| (normal_address(&one.email_address), reason)).collect()
    };
    Ok(Incoming::Feedback(match (event.kind.as_str(), event.bounce, event.complaint) {
        // A full mailbox or a busy server passes; SES has tried for hours by then, and the next mail may arrive.
        ("Bounce", Some(bounce), _) if bounce.bounce_type == "Permanent" => {
            all(bounce.bounced_recipients, Suppressed::Bounce)
        }
        // «not-spam» takes a complaint back (RFC 6430).
        ("Complaint", _, Some(complaint))
            if complaint.complaint_feedback_type.as_deref() != Some("not-spam") =>
        {
            all(complaint.complained_recipients, Suppressed::Complaint)
        }
        _ => Vec::new(),
    }))
}

/// The address of `a@b.example` or `A <a@b.example>`.
fn normal_address(text: &str) -> String {
    let address = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    normalize_email(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/ses/");
        std::fs::read_to_string(format!("{folder}{name}.json")).unwrap()
    }

    fn wrapped(body: &str) -> String {
        serde_json::json!({"Type": "Notification", "MessageId": "1", "TopicArn": "arn", "Message": body})
            .to_string()
    }

    fn addresses(body: &str) -> Vec<(String, Suppressed)> {
        match read(body).unwrap() {
            Incoming::Feedback(addresses) => addresses,
            Incoming::Notify(_) => panic!("{body}"),
        }
    }

    #[test]
    fn a_permanent_bounce_and_a_complaint_end_the_mails_to_an_address() {
        for (name, reason) in [("bounce", Suppressed::Bounce), ("complaint", Suppressed::Complaint)] {
            let expected = [("recipient@example.com".to_owned(), reason)];
            assert_eq!(addresses(&event(name)), expected, "raw delivery");
            assert_eq!(addresses(&wrapped(&event(name))), expected, "wrapped by SNS");
            assert_eq!(addresses(&event(name).replace("eventType", "notificationType")), expected);
            let named =
                event(name).replace("\"recipient@example.com\"", "\"Some One <Recipient@Example.com>\"");
            assert_eq!(addresses(&named), expected);
        }
    }

    #[test]
    fn what_passes_is_ignored() {
        let bounce = event("bounce");
        for passing in ["Transient", "Undetermined"] {
            assert_eq!(addresses(&bounce.replace("Permanent", passing)), [], "{passing}");
        }
        assert_eq!(addresses(&event("complaint").replace("\"abuse\"", "\"not-spam\"")), []);
        assert_eq!(addresses(r#"{"eventType": "Delivery", "mail": {}, "delivery": {}}"#), []);
        assert_eq!(addresses(r#"{"eventType": "DeliveryDelay"}"#), []);
    }

    #[test]
    fn our_own_messages_are_told_apart_and_others_refused() {
        let ours = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../events/sqs/notify-verification.json"
        ));
        assert!(matches!(read(&ours.unwrap()).unwrap(), Incoming::Notify(_)));
        let quoting = r#"{"eventType": "Bounce", "bounce": "a@b.example"}"#;
        assert!(!read(quoting).unwrap_err().to_string().contains('@'), "reasons reach the log");
        for other in
            ["", "not JSON", "{}", r#"{"Type": "Notification", "Message": "hello"}"#, r#"{"eventType": 1}"#]
        {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
