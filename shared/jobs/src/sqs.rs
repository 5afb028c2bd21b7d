//! A function that a queue starts, with partial batch failures.

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use cloud::{Cloud, Queues};
use kernel::Vars;
use lambda_runtime::{LambdaEvent, service_fn};

use crate::{Failure, JobError, StartError, init_log};

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The queue's id of the message; the same for each delivery.
    pub message_id: String,
    /// The text.
    pub body: String,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// How long the invocation may still run.
    pub time_left: Duration,
}

impl Delivery {
    pub(crate) fn of(message: SqsMessage, time_left: Duration) -> Self {
        let count = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Self {
            message_id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            receive_count: count.unwrap_or(1),
            time_left,
        }
    }
}

/// Runs a job on every message of its queue, one after the other. `DEAD_LETTERS_URL` names where messages are parked that
/// trying again does not help.
///
/// # Errors
/// What keeps it from starting.
pub async fn run_sqs<S, F>(
    state: impl FnOnce(Vars) -> F,
    handle: impl AsyncFn(&S, Delivery) -> Result<(), JobError>,
) -> Result<(), Failure>
where
    F: Future<Output = Result<S, StartError>>,
{
    init_log();
    let vars = Vars::process();
    let dead_letters = DeadLetters::from_env(&vars)?;
    let state = Box::pin(state(vars))
        .await
        .inspect_err(|error| tracing::error!(%error, "the function can't start"))?;
    let (state, handle, dead_letters) = (&state, &handle, &dead_letters);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let deadline = event.context.deadline();
        let mut response = SqsBatchResponse::default();
        for message in event.payload.records {
            let id = message.message_id.clone().unwrap_or_default();
            let time_left = deadline.duration_since(now()).unwrap_or_default();
            if !take(state, handle, dead_letters, message, time_left).await {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                response.batch_item_failures.push(failure);
            }
        }
        Ok::<_, Failure>(response)
    }))
    .await
}

#[expect(
    clippy::disallowed_methods,
    reason = "Lambda gives the end of an invocation as a time of the system's clock"
)]
pub(crate) fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// Whether the message is done with.
async fn take<S>(
    state: &S,
    handle: &impl AsyncFn(&S, Delivery) -> Result<(), JobError>,
    dead_letters: &DeadLetters,
    message: SqsMessage,
    time_left: Duration,
) -> bool {
    let delivery = Delivery::of(message, time_left);
    let (message_id, receive_count) = (delivery.message_id.clone(), delivery.receive_count);
    let body = delivery.body.clone();
    let started = Instant::now();
    // Boxed: the futures of the AWS SDK are nested so deeply that the compiler gives up on their layout otherwise.
    let result = Box::pin(handle(state, delivery)).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(()) => {
            tracing::info!(message_id, receive_count, ms, outcome = "done", "message");
            true
        }
        Err(JobError::Retry(error)) => {
            tracing::warn!(message_id, receive_count, ms, outcome = "retry", %error, "message");
            false
        }
        Err(JobError::Fail(error)) => {
            tracing::error!(message_id, receive_count, ms, outcome = "parked", %error, "message");
            dead_letters.park(body, &error.to_string()).await
        }
    }
}

pub(crate) struct DeadLetters {
    pub(crate) queues: Queues,
    url: String,
}

impl DeadLetters {
    /// Those that `DEAD_LETTERS_URL` names.
    pub(crate) fn from_env(vars: &Vars) -> Result<Self, Failure> {
        Ok(Self { queues: Cloud::from_env(vars)?.queues(), url: vars.required("DEAD_LETTERS_URL")? })
    }

    /// Whether the message is in the dead-letter queue now. Where that failed, the queue's own redrive brings it there later.
    pub(crate) async fn park(&self, body: String, reason: &str) -> bool {
        match self.queues.park(&self.url, body, reason).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "the message could not be parked");
                false
            }
        }
    }
}
