//! SQS: sending. Receiving is the event source mapping's work (crate `jobs`).

use std::time::Duration;

use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};

/// SQS takes at most ten messages in one call (SQS developer guide, "Message quotas").
const BATCH: usize = 10;

/// Messages could not be sent. Those that were sent before stay sent: consumers are idempotent, so the caller retries all.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not take the message: {0}")]
pub struct QueueError(String);

impl QueueError {
    /// The function does not know the queue: its template lacks the variable.
    pub fn not_configured(variable: &'static str) -> Self {
        Self(format!("{variable} is not among the function's variables"))
    }
}

/// The SQS client.
#[derive(Clone, Debug)]
pub struct Queues {
    client: aws_sdk_sqs::Client,
}

impl Queues {
    pub(crate) fn new(sdk: &aws_types::SdkConfig) -> Self {
        Self { client: aws_sdk_sqs::Client::new(sdk) }
    }

    /// Sends one body; it becomes visible after `delay` (at most 15 minutes, cut to whole seconds).
    ///
    /// # Errors
    /// [`QueueError`] when SQS does not answer or refuses.
    pub async fn send(&self, url: &str, body: String, delay: Duration) -> Result<(), QueueError> {
        let seconds = i32::try_from(delay.as_secs().min(900)).unwrap_or(900);
        self.client
            .send_message()
            .queue_url(url)
            .message_body(body)
            .delay_seconds(seconds)
            .send()
            .await
            .map_err(|error| QueueError(error.into_service_error().to_string()))?;
        Ok(())
    }

    /// Sends a body to a dead-letter queue with the reason as the attribute `reason`.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn park(&self, url: &str, body: String, reason: &str) -> Result<(), QueueError> {
        let reason = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let reason = reason.map_err(|error| QueueError(error.to_string()))?;
        let call = self.client.send_message().queue_url(url).message_body(body);
        let sent = call.message_attributes("reason", reason).send().await;
        sent.map(|_| ()).map_err(|error| QueueError(error.into_service_error().to_string()))
    }

    /// Sends many bodies, ten in a call.
    ///
    /// # Errors
    /// [`QueueError`] when a call fails or one of its messages is refused.
    pub async fn send_all(&self, url: &str, bodies: Vec<String>) -> Result<(), QueueError> {
        for batch in bodies.chunks(BATCH) {
            let mut call = self.client.send_message_batch().queue_url(url);
            for (index, body) in batch.iter().enumerate() {
                let entry =
                    SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body).build();
                call = call.entries(entry.map_err(|error| QueueError(error.to_string()))?);
            }
            let answer =
                call.send().await.map_err(|error| QueueError(error.into_service_error().to_string()))?;
            if let Some(refused) = answer.failed.first() {
                return Err(QueueError(format!(
                    "{}: {}",
                    refused.code,
                    refused.message.as_deref().unwrap_or_default()
                )));
            }
        }
        Ok(())
    }

    /// Shows a message that was received again after `delay`, rather than after the queue's visibility time-out. The function's role
    /// needs `sqs:ChangeMessageVisibility`.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn show_after(&self, url: &str, receipt: &str, delay: Duration) -> Result<(), QueueError> {
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        let call = self.client.change_message_visibility().queue_url(url).receipt_handle(receipt);
        let changed = call.visibility_timeout(seconds).send().await;
        changed.map(|_| ()).map_err(|error| QueueError(error.into_service_error().to_string()))
    }

    /// How many messages wait in the queue, and how many are being worked on; both are approximate.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn depth(&self, url: &str) -> Result<(u64, u64), QueueError> {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages as Waiting, ApproximateNumberOfMessagesNotVisible as InFlight,
        };
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(Waiting)
            .attribute_names(InFlight)
            .send()
            .await
            .map_err(|error| QueueError(error.into_service_error().to_string()))?;
        let number = |name| {
            answer
                .attributes
                .as_ref()
                .and_then(|all| all.get(&name))
                .and_then(|n| n.parse().ok())
                .unwrap_or(0)
        };
        Ok((number(Waiting), number(InFlight)))
    }
}
