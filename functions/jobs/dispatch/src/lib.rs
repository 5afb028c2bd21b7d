//! Carries what was written to the queues that act on it: a security event of the identity table becomes a message for the mails.
//!
//! The event is written in the transaction of its change, and the stream gives every write at least once, so a change without
//! its notice can't be, whenever a handler dies. The message's envelope has the event's own identifier, so a batch that is
//! given twice mails once.

use aws_lambda_events::dynamodb::EventRecord;
use cloud::{Cloud, Queues};
use contracts::{Queue, Received, notify::Notify};
use domain::identity::SecurityEventKind;
use jobs::{JobError, Publisher, StartError};
use kernel::{Ambient, Id, Timestamp, Vars, id::kinds};
use serde::Deserialize;

/// The `type` of the items that are carried; the filter of the event source names it too.
const SECURITY_EVENT: &str = "security_event";

/// What the job works with.
pub struct Context {
    publisher: Publisher,
    queues: Queues,
    dead_letters: String,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        Ok(Self {
            publisher: Publisher::from_env(&vars, &cloud, &Ambient::system(), &[Queue::Notify])?,
            queues: cloud.queues(),
            dead_letters: vars.required("DEAD_LETTERS_URL")?,
        })
    }
}

/// All that is read of an event: who did it, and from where, stays where it is.
#[derive(Deserialize)]
struct Noted {
    id: Id<kinds::Event>,
    user_id: Id<kinds::User>,
    kind: SecurityEventKind,
    at: Timestamp,
}

/// What a batch has for the queue, and the records that could not be read.
#[derive(Debug, Default)]
pub struct Sorted {
    /// Messages, in the order of the records.
    pub messages: Vec<Received<Notify>>,
    /// Keys of the unreadable ones as JSON, each with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Sorts the records of a batch. Only new items count: an event is never changed, and its end by TTL is no news.
pub fn sort(records: Vec<EventRecord>) -> Sorted {
    let mut sorted = Sorted::default();
    let new = records.into_iter().filter(|record| record.event_name == "INSERT").map(|record| record.change);
    for change in new {
        if !matches!(change.new_image.get("type"), Some(serde_dynamo::AttributeValue::S(name)) if name == SECURITY_EVENT)
        {
            continue;
        }
        match serde_dynamo::from_item::<_, Noted>(change.new_image) {
            Ok(noted) => sorted.messages.extend(message(&noted)),
            Err(error) => {
                let keys = serde_json::to_string(&change.keys).unwrap_or_default();
                sorted.unreadable.push((keys, error.to_string()));
            }
        }
    }
    sorted
}

fn message(noted: &Noted) -> Option<Received<Notify>> {
    let message = Notify::about(noted.user_id, noted.id, noted.kind)?;
    Some(Received { event_id: noted.id, occurred_at: noted.at, message })
}

/// Handles one batch. A record that can't be read is parked in the dead letters by its key, where an alarm tells of it; it must not
/// hold up the mails of everybody else.
///
/// # Errors
/// [`JobError::Retry`] when a queue does not take the messages.
pub async fn handle(context: &Context, records: Vec<EventRecord>) -> Result<(), JobError> {
    let sorted = sort(records);
    if !sorted.messages.is_empty() {
        context.publisher.send_events(&sorted.messages).await?;
        tracing::info!(messages = sorted.messages.len(), "dispatched");
    }
    for (keys, reason) in sorted.unreadable {
        tracing::error!(keys, reason, "an event that can't be read");
        context.queues.park(&context.dead_letters, keys, &reason).await?;
    }
    Ok(())
}
