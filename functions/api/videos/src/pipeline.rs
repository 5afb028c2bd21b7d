//! The queues of the media pipeline, for a retry.

use std::{sync::Arc, time::Duration};

use cloud::Queues;
use contracts::{
    Message, Queue, encode,
    media::{IngestUpload, PackageVersion, TranscodePart},
};
use http_kit::ApiResult;
use kernel::{Ambient, ConfigError, Id, Vars, id::kinds};

/// The URLs of the pipeline's queues.
#[derive(Clone, Debug)]
pub struct QueueUrls {
    /// Of uploads to be checked.
    pub ingest: String,
    /// Of parts to be encoded.
    pub transcode: String,
    /// Of versions to be packaged.
    pub package: String,
}

impl QueueUrls {
    /// The URLs that the environment gives.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing.
    pub fn from_env(vars: &Vars) -> Result<Self, ConfigError> {
        let url = |queue: Queue| vars.required(queue.variable());
        Ok(Self {
            ingest: url(Queue::Ingest)?,
            transcode: url(Queue::Transcode)?,
            package: url(Queue::Package)?,
        })
    }

    fn of(&self, queue: Queue) -> &str {
        match queue {
            Queue::Ingest => &self.ingest,
            Queue::Transcode => &self.transcode,
            Queue::Package => &self.package,
        }
    }
}

/// Work on a version that is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// From the check of the file on: there is no plan.
    Check,
    /// These parts of the plan.
    Parts(Vec<u32>),
    /// The packaging: every part is done.
    Package,
}

impl Work {
    /// What is left of a version with these parts.
    pub(crate) fn left(parts_total: u32, missing: Vec<u32>) -> Self {
        match (parts_total, missing.is_empty()) {
            (0, _) => Self::Check,
            (_, true) => Self::Package,
            (_, false) => Self::Parts(missing),
        }
    }
}

/// Sends work to the pipeline. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pipeline {
    queues: Queues,
    urls: Arc<QueueUrls>,
}

impl Pipeline {
    pub(crate) fn new(queues: Queues, urls: QueueUrls) -> Self {
        Self { queues, urls: Arc::new(urls) }
    }

    /// Sends the work. What is sent twice is done once: every consumer checks the state first.
    pub(crate) async fn send(
        &self,
        ambient: &Ambient,
        video_id: Id<kinds::Video>,
        version: u32,
        work: Work,
    ) -> ApiResult<()> {
        match work {
            Work::Check => self.send_one(&IngestUpload { video_id, version }, ambient).await,
            Work::Package => self.send_one(&PackageVersion { video_id, version }, ambient).await,
            Work::Parts(parts) => {
                let body = |part| encode(&TranscodePart { video_id, version, part }, ambient);
                let url = self.urls.of(TranscodePart::QUEUE);
                Ok(self.queues.send_all(url, parts.into_iter().map(body).collect()).await?)
            }
        }
    }

    async fn send_one<M: Message>(&self, message: &M, ambient: &Ambient) -> ApiResult<()> {
        Ok(self.queues.send(self.urls.of(M::QUEUE), encode(message, ambient), Duration::ZERO).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_does_again_only_what_is_not_done() {
        assert_eq!(Work::left(0, Vec::new()), Work::Check);
        assert_eq!(Work::left(3, vec![0, 2]), Work::Parts(vec![0, 2]));
        assert_eq!(Work::left(3, Vec::new()), Work::Package);
    }
}
