//! Makes CloudFront forget what it must not go on showing: a batch of messages becomes one invalidation.
//!
//! A message that comes twice forgets twice, which costs a path and harms nothing; a batch that comes twice as it was is one
//! invalidation for CloudFront too, since its reference is made of its messages.

mod invalidation;

use cloud::Cloud;
use contracts::{Received, edge::Edge};
use jobs::{Delivery, JobError, Outcome, StartError};
use kernel::Vars;

pub use invalidation::{COURSES_MAX, Invalidation};

/// What the job works with.
pub struct Context {
    distribution: jobs::Edge,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        Ok(Self { distribution: jobs::Edge::from_env(&vars, &cloud)? })
    }
}

/// Handles a batch: one invalidation for all messages that can be read.
pub async fn handle(context: &Context, deliveries: Vec<Delivery>) -> Vec<Outcome> {
    let received: Vec<Result<Received<Edge>, JobError>> =
        deliveries.iter().map(|delivery| Ok(contracts::receive(&delivery.body)?)).collect();
    let sent = match Invalidation::of(received.iter().flatten()) {
        Some(Invalidation { paths, reference }) => {
            tracing::info!(paths = paths.len(), "invalidated");
            context.distribution.invalidate(paths, &reference).await
        }
        None => Ok(()),
    };
    let reason = sent.err().map(|error| match error {
        JobError::Retry(error) | JobError::Fail(error) => error.to_string(),
    });
    let outcome = |_: Received<Edge>| reason.clone().map_or(Ok(()), |reason| Err(JobError::retry(reason)));
    received.into_iter().map(|message| message.and_then(outcome)).collect()
}
