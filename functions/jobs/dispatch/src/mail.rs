//! Security events, which mails may tell of.

use aws_lambda_events::dynamodb::EventRecord;
use contracts::{Received, notify::Notify};
use domain::identity::SecurityEventKind;
use kernel::{Id, Timestamp, id::kinds};
use serde::Deserialize;

/// The `type` of the items; the filter of the event source names it too.
pub(crate) const SECURITY_EVENT: &str = "security_event";

/// All that is read of an event: who did it, and from where, stays where it is.
#[derive(Deserialize)]
struct Noted {
    id: Id<kinds::Event>,
    user_id: Id<kinds::User>,
    kind: SecurityEventKind,
    at: Timestamp,
}

/// The message that a new event makes, if it makes one. Only new items count: an event is never changed, and its end by TTL is no news.
///
/// # Errors
/// When it can't be read.
pub(crate) fn message(record: &EventRecord) -> Result<Option<Received<Notify>>, serde_dynamo::Error> {
    if record.event_name != "INSERT" {
        return Ok(None);
    }
    let noted: Noted = serde_dynamo::from_item(record.change.new_image.clone())?;
    let message = Notify::about(noted.user_id, noted.id, noted.kind);
    Ok(message.map(|message| Received { event_id: noted.id, occurred_at: noted.at, message }))
}
