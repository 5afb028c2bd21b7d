//! A function that the stream of a table starts.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use kernel::Vars;
use lambda_runtime::{LambdaEvent, service_fn};

use crate::{Failure, JobError, StartError, init_log};

/// Runs a job on every batch of a stream. An error fails the batch, which Lambda gives again until it is done: nothing that
/// was written is left out, and the records of one item stay in order.
///
/// # Errors
/// What keeps it from starting.
pub async fn run_stream<S, F>(
    state: impl FnOnce(Vars) -> F,
    handle: impl AsyncFn(&S, Vec<EventRecord>) -> Result<(), JobError>,
) -> Result<(), Failure>
where
    F: Future<Output = Result<S, StartError>>,
{
    init_log();
    let state = Box::pin(state(Vars::process()))
        .await
        .inspect_err(|error| tracing::error!(%error, "the function can't start"))?;
    let (state, handle) = (&state, &handle);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Event>| async move {
        let records = event.payload.records;
        let count = records.len();
        // Boxed for the same reason as in `run_sqs`.
        match Box::pin(handle(state, records)).await {
            Ok(()) => Ok::<_, Failure>(()),
            Err(JobError::Retry(error) | JobError::Fail(error)) => {
                tracing::error!(request_id = event.context.request_id, count, %error, "the batch failed");
                Err(error)
            }
        }
    }))
    .await
}
