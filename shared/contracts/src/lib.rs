//! What travels on queues. A message carries identifiers, not objects, so that a late one never brings old state; it is wrapped in
//! an envelope with its own id, time, name and version, and stays decodable when its type grows.

pub mod archive;
pub mod certify;
pub mod edge;
pub mod index;
pub mod media;
pub mod notify;
pub mod privacy;

use kernel::{Ambient, Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A queue of template.yaml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Uploads to be checked and planned.
    Ingest,
    /// Parts of plans.
    Transcode,
    /// Versions whose parts are done.
    Package,
    /// Mails to be sent, and what became of those that were.
    Notify,
    /// Exports and erasures of what the platform knows of a person.
    Privacy,
    /// What the search index is to look at anew.
    Index,
    /// What CloudFront must not go on showing.
    Edge,
    /// Courses to be written into archives, and to be made of them.
    Archive,
    /// Certificates to be issued.
    Certify,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 9] = [
        Self::Ingest,
        Self::Transcode,
        Self::Package,
        Self::Notify,
        Self::Privacy,
        Self::Index,
        Self::Edge,
        Self::Archive,
        Self::Certify,
    ];
    /// The queues of the media pipeline.
    pub const MEDIA: [Self; 3] = [Self::Ingest, Self::Transcode, Self::Package];

    /// The environment variable that holds the queue's URL.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Ingest => "INGEST_QUEUE_URL",
            Self::Transcode => "TRANSCODE_QUEUE_URL",
            Self::Package => "PACKAGE_QUEUE_URL",
            Self::Notify => "NOTIFY_QUEUE_URL",
            Self::Privacy => "PRIVACY_QUEUE_URL",
            Self::Index => "INDEX_QUEUE_URL",
            Self::Edge => "EDGE_QUEUE_URL",
            Self::Archive => "ARCHIVE_QUEUE_URL",
            Self::Certify => "CERTIFY_QUEUE_URL",
        }
    }
}

/// A kind of message.
pub trait Message: Serialize + DeserializeOwned {
    /// The queue that it travels on.
    const QUEUE: Queue;
    /// Its name in the envelope.
    const NAME: &'static str;
    /// Its version; a consumer takes this one and older ones.
    const VERSION: u16;
}

/// What is around every message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The message's own identifier; the same when it is delivered twice.
    pub event_id: Id<kinds::Event>,
    /// When what it tells of happened.
    pub occurred_at: Timestamp,
    /// [`Message::NAME`].
    pub name: String,
    /// [`Message::VERSION`].
    pub version: u16,
    /// The message.
    pub body: Value,
}

/// A body can't be taken as the message that was expected.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It is not an envelope.
    #[error("not a message of ours: {0}")]
    NotAnEnvelope(serde_json::Error),
    /// It is another message.
    #[error("expected the message {expected}, found {found}")]
    OtherMessage {
        /// The name that the consumer takes.
        expected: &'static str,
        /// The name that came.
        found: String,
    },
    /// It was sent by a newer release.
    #[error("version {found} of {name} is newer than {known}; deploy the consumer first")]
    Newer {
        /// The message's name.
        name: &'static str,
        /// The version that came.
        found: u16,
        /// The newest that the consumer knows.
        known: u16,
    },
    /// Its fields are not those of the message.
    #[error("the fields of {name} are wrong: {reason}")]
    Fields {
        /// The message's name.
        name: &'static str,
        /// What is wrong.
        reason: serde_json::Error,
    },
}

/// A message with what its envelope says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Received<M> {
    /// [`Envelope::event_id`].
    pub event_id: Id<kinds::Event>,
    /// [`Envelope::occurred_at`].
    pub occurred_at: Timestamp,
    /// The message.
    pub message: M,
}

/// The text of a message with a new envelope.
pub fn encode<M: Message>(message: &M, ambient: &Ambient) -> String {
    encode_as(message, ambient.id(), ambient.now())
}

/// The text of a message that tells of something that has an identifier of its own. Whoever sends it again sends the same
/// envelope, so that its consumer knows it.
pub fn encode_as<M: Message>(message: &M, event_id: Id<kinds::Event>, occurred_at: Timestamp) -> String {
    let envelope = Envelope {
        event_id,
        occurred_at,
        name: M::NAME.to_owned(),
        version: M::VERSION,
        body: serde_json::to_value(message).unwrap_or_default(),
    };
    serde_json::to_string(&envelope).unwrap_or_default()
}

/// The message in a text.
///
/// # Errors
/// [`DecodeError`]; none of its kinds is mended by trying again.
pub fn decode<M: Message>(text: &str) -> Result<M, DecodeError> {
    receive(text).map(|received| received.message)
}

/// The message in a text, with its identifier and time.
///
/// # Errors
/// As [`decode`].
pub fn receive<M: Message>(text: &str) -> Result<Received<M>, DecodeError> {
    let envelope: Envelope = serde_json::from_str(text).map_err(DecodeError::NotAnEnvelope)?;
    if envelope.name != M::NAME {
        return Err(DecodeError::OtherMessage { expected: M::NAME, found: envelope.name });
    }
    if envelope.version > M::VERSION {
        return Err(DecodeError::Newer { name: M::NAME, found: envelope.version, known: M::VERSION });
    }
    let message = serde_json::from_value(envelope.body)
        .map_err(|reason| DecodeError::Fields { name: M::NAME, reason })?;
    Ok(Received { event_id: envelope.event_id, occurred_at: envelope.occurred_at, message })
}
