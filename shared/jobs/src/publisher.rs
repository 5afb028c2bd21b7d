//! Sending messages.

use std::time::Duration;

use cloud::{Cloud, Queues, queues::QueueError};
use contracts::{Message, Queue};
use kernel::{Ambient, ConfigError, Vars};

/// Sends messages to the queues that a function names when it starts.
#[derive(Clone, Debug)]
pub struct Publisher {
    queues: Queues,
    urls: Vec<(Queue, String)>,
    ambient: Ambient,
}

impl Publisher {
    /// A publisher to these queues.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing.
    pub fn from_env(
        vars: &Vars,
        cloud: &Cloud,
        ambient: &Ambient,
        queues: &[Queue],
    ) -> Result<Self, ConfigError> {
        let urls = queues.iter().map(|queue| Ok((*queue, vars.required(queue.variable())?)));
        Ok(Self { queues: cloud.queues(), urls: urls.collect::<Result<_, _>>()?, ambient: ambient.clone() })
    }

    fn url<M: Message>(&self) -> Result<&str, QueueError> {
        let url = self.urls.iter().find(|(queue, _)| *queue == M::QUEUE).map(|(_, url)| url.as_str());
        url.ok_or_else(|| QueueError::not_configured(M::QUEUE.variable()))
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn send<M: Message>(&self, message: &M) -> Result<(), QueueError> {
        self.queues.send(self.url::<M>()?, contracts::encode(message, &self.ambient), Duration::ZERO).await
    }

    /// Sends many messages, ten in a call.
    ///
    /// # Errors
    /// [`QueueError`]; some may have been sent then.
    pub async fn send_all<M: Message>(&self, messages: &[M]) -> Result<(), QueueError> {
        let bodies = messages.iter().map(|message| contracts::encode(message, &self.ambient)).collect();
        self.queues.send_all(self.url::<M>()?, bodies).await
    }
}
