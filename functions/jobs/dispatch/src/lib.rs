//! Carries what was written to the queues that act on it: a security event of the identity table becomes a message for the mails, and the
//! deletion of an account one that ends its subscription; an enrolment, a course that is published, a reply to a review, and the end of the
//! processing of a video or of a new version of one become messages for those whom they concern; an enrolment whose course is completed becomes a message for its
//! certificate, and a certificate that is there one for its student; a
//! course or a category of the catalog table, a channel of the social table, a public video of the media table, and the name of somebody
//! who teaches, become messages for the search index; a course that is no longer for sale, or not at that price, becomes a message for
//! the edge.
//!
//! The event is written in the transaction of its change, and the stream gives every write at least once, so a change without
//! its notice can't be, whenever a handler dies. The envelope of a mail's message has the event's own identifier, and that of a message for
//! the edge, or about something else than an account, one that is made of the record's, so a batch that is given twice mails and invalidates once; what the index looks at twice it
//! finds the same.

mod certificates;
mod edge;
mod mail;
mod news;
mod search;

use std::collections::BTreeSet;

use aws_lambda_events::dynamodb::EventRecord;
use cloud::{Cloud, Queues};
use contracts::{
    Queue, Received, certify::Certify, edge::Edge, index::Index, notify::Notify, privacy::Privacy,
};
use jobs::{JobError, Publisher, StartError};
use kernel::{Ambient, Timestamp, Vars};
use serde_dynamo::AttributeValue;

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
        let queues = [Queue::Notify, Queue::Privacy, Queue::Index, Queue::Edge, Queue::Certify];
        Ok(Self {
            publisher: Publisher::from_env(&vars, &cloud, &Ambient::system(), &queues)?,
            queues: cloud.queues(),
            dead_letters: vars.required("DEAD_LETTERS_URL")?,
        })
    }
}

/// What a batch has for the queues, and the records that could not be read.
#[derive(Debug, Default)]
pub struct Sorted {
    /// Messages for the mails, in the order of the records.
    pub messages: Vec<Received<Notify>>,
    /// What is to be done because somebody goes, in the order of the records.
    pub privacy: Vec<Received<Privacy>>,
    /// What the search index is to look at anew, each thing once.
    pub index: BTreeSet<Index>,
    /// What CloudFront must not go on showing, in the order of the records.
    pub edge: Vec<Received<Edge>>,
    /// Certificates to be issued, in the order of the records.
    pub certify: Vec<Received<Certify>>,
    /// Keys of the unreadable ones as JSON, each with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Sorts the records of a batch, of whichever table.
pub fn sort(records: Vec<EventRecord>) -> Sorted {
    let mut sorted = Sorted::default();
    for record in records {
        let read = match kind(&record) {
            mail::SECURITY_EVENT => mail::messages(&record).map(|(mail, privacy)| {
                sorted.messages.extend(mail);
                sorted.privacy.extend(privacy);
            }),
            kind => search::things(kind, &record).and_then(|things| {
                sorted.index.extend(things);
                sorted.edge.extend(edge::message(kind, &record)?);
                sorted.messages.extend(news::message(kind, &record)?);
                sorted.messages.extend(certificates::ready(kind, &record)?);
                sorted.certify.extend(certificates::wanted(kind, &record)?);
                Ok(())
            }),
        };
        if let Err(error) = read {
            let keys = serde_json::to_string(&record.change.keys).unwrap_or_default();
            sorted.unreadable.push((keys, error.to_string()));
        }
    }
    sorted
}

/// The `type` of the item that a record tells of, before or after.
fn kind(record: &EventRecord) -> &str {
    let images = [&record.change.new_image, &record.change.old_image];
    let found = images.into_iter().find_map(|image| match image.get("type") {
        Some(AttributeValue::S(name)) => Some(name.as_str()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// When the item was written, to the second.
fn time_of(record: &EventRecord) -> Timestamp {
    Timestamp::from_second(record.change.approximate_creation_date_time.timestamp()).unwrap_or_default()
}

/// Handles one batch. A record that can't be read is parked in the dead letters by its key, where an alarm tells of it; it must not
/// hold up everybody else's.
///
/// # Errors
/// [`JobError::Retry`] when a queue does not take the messages.
pub async fn handle(context: &Context, records: Vec<EventRecord>) -> Result<(), JobError> {
    let sorted = sort(records);
    // Before the mails: who is told that his account is deleted is not charged any more.
    if !sorted.privacy.is_empty() {
        context.publisher.send_events(&sorted.privacy).await?;
    }
    if !sorted.messages.is_empty() {
        context.publisher.send_events(&sorted.messages).await?;
    }
    // Before the index: that something is gone is worth more than that something is new.
    if !sorted.edge.is_empty() {
        context.publisher.send_events(&sorted.edge).await?;
    }
    if !sorted.certify.is_empty() {
        context.publisher.send_events(&sorted.certify).await?;
    }
    let index: Vec<Index> = sorted.index.into_iter().collect();
    if !index.is_empty() {
        context.publisher.send_all(&index).await?;
    }
    let (mails, edge, certify) = (sorted.messages.len(), sorted.edge.len(), sorted.certify.len());
    tracing::info!(mails, edge, certify, index = index.len(), "dispatched");
    for (keys, reason) in sorted.unreadable {
        tracing::error!(keys, reason, "a record that can't be read");
        context.queues.park(&context.dead_letters, keys, &reason).await?;
    }
    Ok(())
}
