//! A function that a schedule starts.

use kernel::Vars;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::DeserializeOwned;

use crate::{Failure, JobError, StartError, init_log};

/// Runs a job on every event of its schedule. An error makes the invocation fail, which EventBridge Scheduler tries again; what
/// a task could not do stays due, so the next run finds it in any case.
///
/// # Errors
/// What keeps it from starting.
pub async fn run_schedule<S, T, F>(
    state: impl FnOnce(Vars) -> F,
    handle: impl AsyncFn(&S, T) -> Result<(), JobError>,
) -> Result<(), Failure>
where
    F: Future<Output = Result<S, StartError>>,
    T: DeserializeOwned,
{
    init_log();
    let state = Box::pin(state(Vars::process()))
        .await
        .inspect_err(|error| tracing::error!(%error, "the function can't start"))?;
    let (state, handle) = (&state, &handle);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<serde_json::Value>| async move {
        let task: T = serde_json::from_value(event.payload)?;
        // Boxed for the same reason as in `run_sqs`.
        match Box::pin(handle(state, task)).await {
            Ok(()) => Ok::<_, Failure>(()),
            Err(JobError::Retry(error) | JobError::Fail(error)) => {
                tracing::error!(request_id = event.context.request_id, %error, "the task failed");
                Err(error)
            }
        }
    }))
    .await
}
