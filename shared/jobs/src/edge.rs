//! What CloudFront keeps of objects that were deleted.

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use cloud::Cloud;
use kernel::{ConfigError, Vars};

use crate::JobError;

/// The distribution, as far as jobs have to do with it.
#[derive(Clone, Debug)]
pub struct Edge {
    client: aws_sdk_cloudfront::Client,
    distribution_id: String,
}

impl Edge {
    /// The distribution that `DISTRIBUTION_ID` names. The function's role needs `cloudfront:CreateInvalidation` on it.
    ///
    /// # Errors
    /// [`ConfigError`] when the variable is missing.
    pub fn from_env(vars: &Vars, cloud: &Cloud) -> Result<Self, ConfigError> {
        let client = aws_sdk_cloudfront::Client::new(cloud.sdk());
        Ok(Self { client, distribution_id: vars.required("DISTRIBUTION_ID")? })
    }

    /// Drops the copies of these paths, which may end with `*`: they would be served until they expire, a year later. To be called
    /// after the objects are gone, since a copy is made again of what is still there. The same `reference` with the same paths is a
    /// repetition, not a second invalidation.
    ///
    /// # Errors
    /// [`JobError::Retry`] when CloudFront does not take it.
    pub async fn invalidate(&self, paths: Vec<String>, reference: &str) -> Result<(), JobError> {
        let quantity = i32::try_from(paths.len()).map_err(JobError::fail)?;
        let paths = Paths::builder().quantity(quantity).set_items(Some(paths)).build();
        let batch = InvalidationBatch::builder().paths(paths.map_err(JobError::fail)?);
        let batch = batch.caller_reference(reference).build().map_err(JobError::fail)?;
        let call = self.client.create_invalidation().distribution_id(&self.distribution_id);
        let sent = call.invalidation_batch(batch).send().await;
        sent.map(|_| ()).map_err(|error| JobError::retry(error.into_service_error()))
    }
}
