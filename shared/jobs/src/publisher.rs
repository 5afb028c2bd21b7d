//! Sending messages.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cloud::{Cloud, Queues, queues::QueueError};
use contracts::{Message, Queue, Received};
use kernel::{Ambient, ConfigError, Vars};

/// Sends messages to the queues that a function names when it starts.
#[derive(Clone, Debug)]
pub struct Publisher {
    outlet: Outlet,
    ambient: Ambient,
}

/// Where messages go.
#[derive(Clone, Debug)]
enum Outlet {
    Sqs {
        queues: Queues,
        urls: Vec<(Queue, String)>,
    },
    /// They are kept. Component tests only.
    Kept(Sent),
}

/// The messages that a publisher of a test has sent, in their order.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<Mutex<Vec<(Queue, String)>>>);

impl Sent {
    /// Takes the texts that were sent to a queue so far.
    pub fn take(&self, queue: Queue) -> Vec<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (taken, rest) = kept.drain(..).partition(|(to, _)| *to == queue);
        *kept = rest;
        let taken: Vec<(Queue, String)> = taken;
        taken.into_iter().map(|(_, text)| text).collect()
    }
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
        let outlet = Outlet::Sqs { queues: cloud.queues(), urls: urls.collect::<Result<_, _>>()? };
        Ok(Self { outlet, ambient: ambient.clone() })
    }

    /// A publisher that keeps what it sends, for component tests.
    pub fn keeping_for_tests(ambient: &Ambient) -> (Self, Sent) {
        let sent = Sent::default();
        (Self { outlet: Outlet::Kept(sent.clone()), ambient: ambient.clone() }, sent)
    }

    async fn send_texts<M: Message>(&self, texts: Vec<String>) -> Result<(), QueueError> {
        match &self.outlet {
            Outlet::Sqs { queues, urls } => {
                let url = urls.iter().find(|(queue, _)| *queue == M::QUEUE).map(|(_, url)| url.as_str());
                let url = url.ok_or_else(|| QueueError::not_configured(M::QUEUE.variable()))?;
                match <[String; 1]>::try_from(texts) {
                    Ok([text]) => queues.send(url, text, Duration::ZERO).await,
                    Err(texts) => queues.send_all(url, texts).await,
                }
            }
            Outlet::Kept(sent) => {
                let mut kept = sent.0.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(texts.into_iter().map(|text| (M::QUEUE, text)));
                Ok(())
            }
        }
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn send<M: Message>(&self, message: &M) -> Result<(), QueueError> {
        self.send_texts::<M>(vec![contracts::encode(message, &self.ambient)]).await
    }

    /// Sends many messages, ten in a call.
    ///
    /// # Errors
    /// [`QueueError`]; some may have been sent then.
    pub async fn send_all<M: Message>(&self, messages: &[M]) -> Result<(), QueueError> {
        let texts = messages.iter().map(|message| contracts::encode(message, &self.ambient)).collect();
        self.send_texts::<M>(texts).await
    }

    /// Sends messages that tell of events with identifiers of their own, ten in a call: who sends one again sends the same.
    ///
    /// # Errors
    /// [`QueueError`]; some may have been sent then.
    pub async fn send_events<M: Message>(&self, events: &[Received<M>]) -> Result<(), QueueError> {
        let body =
            |event: &Received<M>| contracts::encode_as(&event.message, event.event_id, event.occurred_at);
        self.send_texts::<M>(events.iter().map(body).collect()).await
    }
}
