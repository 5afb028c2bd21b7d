//! A function that a queue starts and that does the work of many messages at once.

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use contracts::Queue;
use kernel::Vars;
use lambda_runtime::{LambdaEvent, service_fn};

use crate::{
    Delivery, Failure, JobError, StartError, init_log,
    sqs::{DeadLetters, now},
};

/// What became of a message.
pub type Outcome = Result<(), JobError>;

/// Shortest and longest wait before a message is given again.
const RETRY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));

/// Runs a job on whole batches of its queue. The job gives an outcome for each message, in their order. A message that is to be tried
/// again comes after some seconds, twice as many with each try, not after the queue's visibility time-out, which must be as long as the
/// longest run. `DEAD_LETTERS_URL` is as for [`crate::run_sqs`]; the queue's own variable names the queue.
///
/// # Errors
/// What keeps it from starting.
pub async fn run_sqs_batch<S, F>(
    queue: Queue,
    state: impl FnOnce(Vars) -> F,
    handle: impl AsyncFn(&S, Vec<Delivery>) -> Vec<Outcome>,
) -> Result<(), Failure>
where
    F: Future<Output = Result<S, StartError>>,
{
    init_log();
    let vars = Vars::process();
    let dead_letters = DeadLetters::from_env(&vars)?;
    let url = vars.required(queue.variable())?;
    let state = Box::pin(state(vars))
        .await
        .inspect_err(|error| tracing::error!(%error, "the function can't start"))?;
    let (state, handle, dead_letters, url) = (&state, &handle, &dead_letters, url.as_str());
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let time_left = event.context.deadline().duration_since(now()).unwrap_or_default();
        let (receipts, deliveries): (Vec<_>, Vec<_>) = event
            .payload
            .records
            .into_iter()
            .map(|message| {
                let receipt = message.receipt_handle.clone().unwrap_or_default();
                (receipt, Delivery::of(message, time_left))
            })
            .unzip();
        let started = Instant::now();
        // Boxed for the same reason as in `run_sqs`.
        let outcomes = Box::pin(handle(state, deliveries.clone())).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut response = SqsBatchResponse::default();
        let outcomes = outcomes.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        for ((delivery, receipt), outcome) in deliveries.iter().zip(&receipts).zip(outcomes) {
            if !settle(dead_letters, url, delivery, receipt, outcome).await {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier.clone_from(&delivery.message_id);
                response.batch_item_failures.push(failure);
            }
        }
        let (messages, failed) = (deliveries.len(), response.batch_item_failures.len());
        tracing::info!(messages, failed, ms, "batch");
        Ok::<_, Failure>(response)
    }))
    .await
}

/// Whether the message is done with. One without an outcome is tried again.
async fn settle(
    dead_letters: &DeadLetters,
    url: &str,
    delivery: &Delivery,
    receipt: &str,
    outcome: Option<Outcome>,
) -> bool {
    let Delivery { message_id, receive_count, .. } = delivery;
    let error = match outcome {
        Some(Ok(())) => return true,
        Some(Err(JobError::Fail(error))) => {
            tracing::error!(message_id, receive_count, outcome = "parked", %error, "message");
            return dead_letters.park(delivery.body.clone(), &error.to_string()).await;
        }
        Some(Err(JobError::Retry(error))) => error,
        None => "the job gave no outcome".into(),
    };
    tracing::warn!(message_id, receive_count, outcome = "retry", %error, "message");
    if let Err(error) = dead_letters.queues.show_after(url, receipt, wait(*receive_count)).await {
        // It comes again all the same, later.
        tracing::warn!(message_id, %error, "the message could not be brought forward");
    }
    false
}

/// How long a message waits that was delivered so often.
fn wait(receive_count: u32) -> Duration {
    let (shortest, longest) = RETRY;
    shortest.saturating_mul(1 << receive_count.saturating_sub(1).min(8)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_waits_twice_as_long_up_to_five_minutes() {
        let seconds = [0, 1, 2, 3, 6, 7, 8, u32::MAX].map(|count| wait(count).as_secs());
        assert_eq!(seconds, [5, 5, 10, 20, 160, 300, 300, 300]);
    }
}
