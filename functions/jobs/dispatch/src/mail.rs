//! Security events, which mails may tell of; that of a deleted account ends its subscription too.

use aws_lambda_events::dynamodb::EventRecord;
use contracts::{Received, notify::Notify, privacy::Privacy};
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

/// A mail, and work on what an account leaves.
pub(crate) type Messages = (Option<Received<Notify>>, Option<Received<Privacy>>);

/// The messages that a new event makes, if it makes any. Only new items count: an event is never changed, and its end by TTL is no news.
///
/// # Errors
/// When it can't be read.
pub(crate) fn messages(record: &EventRecord) -> Result<Messages, serde_dynamo::Error> {
    if record.event_name != "INSERT" {
        return Ok((None, None));
    }
    let Noted { id: event_id, user_id, kind, at: occurred_at } =
        serde_dynamo::from_item(record.change.new_image.clone())?;
    let mail = Notify::about(user_id, event_id, kind);
    let mail = mail.map(|message| Received { event_id, occurred_at, message });
    let gone = (kind == SecurityEventKind::Deleted).then_some(Privacy::EndSubscription { user_id });
    Ok((mail, gone.map(|message| Received { event_id, occurred_at, message })))
}
