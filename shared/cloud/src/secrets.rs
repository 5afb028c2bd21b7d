//! Secrets Manager: read on first use, kept for the life of the instance.

use std::{collections::HashMap, sync::Arc};

use kernel::Secret;
use tokio::sync::Mutex;

/// A secret could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the secret {name} could not be read: {reason}")]
pub struct SecretError {
    name: String,
    reason: String,
}

/// A cache in front of Secrets Manager.
#[derive(Clone, Debug)]
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    cache: Arc<Mutex<HashMap<String, Secret<String>>>>,
}

impl Secrets {
    pub(crate) fn new(sdk: &aws_types::SdkConfig) -> Self {
        Self { client: aws_sdk_secretsmanager::Client::new(sdk), cache: Arc::default() }
    }

    /// The text of a secret by its ARN or name; asked of AWS once per instance.
    ///
    /// # Errors
    /// [`SecretError`] when it does not exist, is not text, or the call is refused.
    pub async fn text(&self, arn: &str) -> Result<Secret<String>, SecretError> {
        // Held across the call on purpose: concurrent first uses then ask once.
        let mut cache = self.cache.lock().await;
        if let Some(secret) = cache.get(arn) {
            return Ok(secret.clone());
        }
        let failed = |reason: String| SecretError { name: arn.to_owned(), reason };
        let answer = self.client.get_secret_value().secret_id(arn).send().await;
        let answer = answer.map_err(|error| {
            let service = error.into_service_error();
            failed(service.meta().code().map_or_else(|| service.to_string(), ToOwned::to_owned))
        })?;
        let text = answer.secret_string.ok_or_else(|| failed("it holds no text".into()))?;
        let secret = Secret::new(text);
        cache.insert(arn.to_owned(), secret.clone());
        Ok(secret)
    }
}
