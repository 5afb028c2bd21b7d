//! What every background job shares: how it starts, how it takes a batch of a queue with failures of single messages, how it is
//! run by a schedule or by the stream of a table, and how it sends messages on.
//!
//! A job says what is to become of a message that it could not handle: [`JobError::retry`] leaves it to the queue, which gives it
//! again; [`JobError::fail`] parks it in the dead-letter queue with its reason, since trying again would not help. Each
//! message is decoded alone, so one that can't be read never stops its neighbours.

mod batch;
mod edge;
mod missing;
mod publisher;
mod schedule;
mod sqs;
mod stream;

pub use batch::{Outcome, run_sqs_batch};
pub use edge::Edge;
pub use missing::{plan_of, read_plan, send_missing};
pub use publisher::{Publisher, Sent};
pub use schedule::run_schedule;
pub use sqs::{Delivery, run_sqs};
pub use stream::run_stream;

/// What `main` gives to the runtime.
pub type Failure = lambda_runtime::Error;

/// Why a job can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or malformed.
    #[error(transparent)]
    Config(#[from] kernel::ConfigError),
    /// Something else that the job needs is missing.
    #[error("{0}")]
    Other(String),
}

/// Why a message was not handled.
#[derive(Debug)]
pub enum JobError {
    /// The queue gives it again; after the queue's number of tries it goes to the dead letters.
    Retry(Box<dyn std::error::Error + Send + Sync>),
    /// It goes to the dead letters now, with this reason.
    Fail(Box<dyn std::error::Error + Send + Sync>),
}

impl JobError {
    /// Trying again may help.
    pub fn retry(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Retry(cause.into())
    }

    /// Trying again does not help.
    pub fn fail(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Fail(cause.into())
    }
}

impl From<contracts::DecodeError> for JobError {
    fn from(error: contracts::DecodeError) -> Self {
        Self::fail(error)
    }
}

impl From<cloud::queues::QueueError> for JobError {
    fn from(error: cloud::queues::QueueError) -> Self {
        Self::retry(error)
    }
}

impl From<store::StoreError> for JobError {
    fn from(error: store::StoreError) -> Self {
        Self::retry(error)
    }
}

impl From<cloud::objects::ObjectError> for JobError {
    fn from(error: cloud::objects::ObjectError) -> Self {
        Self::retry(error)
    }
}

impl From<std::io::Error> for JobError {
    fn from(error: std::io::Error) -> Self {
        Self::retry(error)
    }
}

/// Sends tracing to standard output as JSON. `LOG_LEVEL` filters, INFO by default.
fn init_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LOG_LEVEL")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_writer(std::io::stdout)
        .try_init();
}
