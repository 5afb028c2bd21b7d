//! What the platform depends on, and how each is asked whether it works.

use cloud::{Cloud, Objects, Queues, objects::ObjectError};
use kernel::{ConfigError, Vars};
use serde::Serialize;
use store::Store;

/// Queues with their dead letters, and a bucket.
#[derive(Clone, Debug)]
pub struct Dependencies {
    queues: Queues,
    objects: Objects,
    watched: Vec<Watched>,
    media_bucket: String,
}

#[derive(Clone, Debug)]
struct Watched {
    name: &'static str,
    url: String,
    dead_letters_url: String,
}

/// State of one dependency.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DependencyHealth {
    #[schema(example = "dynamodb")]
    name: &'static str,
    pub(crate) healthy: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// State of one queue.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct QueueHealth {
    #[schema(example = "transcode")]
    name: &'static str,
    pub(crate) healthy: bool,
    /// Messages that wait.
    waiting: u64,
    /// Messages that are being worked on.
    in_flight: u64,
    /// Messages that could not be handled; docs/operations.md says what to do with them.
    dead_letters: u64,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl Dependencies {
    /// The dependencies that the environment names.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing.
    pub fn from_env(vars: &Vars, cloud: &Cloud) -> Result<Self, ConfigError> {
        let watched = [
            ("ingest", "INGEST_QUEUE_URL", "INGEST_DEAD_LETTERS_URL"),
            ("transcode", "TRANSCODE_QUEUE_URL", "TRANSCODE_DEAD_LETTERS_URL"),
            ("package", "PACKAGE_QUEUE_URL", "PACKAGE_DEAD_LETTERS_URL"),
            ("notify", "NOTIFY_QUEUE_URL", "NOTIFY_DEAD_LETTERS_URL"),
            ("privacy", "PRIVACY_QUEUE_URL", "PRIVACY_DEAD_LETTERS_URL"),
            ("archive", "ARCHIVE_QUEUE_URL", "ARCHIVE_DEAD_LETTERS_URL"),
            ("index", "INDEX_QUEUE_URL", "INDEX_DEAD_LETTERS_URL"),
            ("edge", "EDGE_QUEUE_URL", "EDGE_DEAD_LETTERS_URL"),
            ("certify", "CERTIFY_QUEUE_URL", "CERTIFY_DEAD_LETTERS_URL"),
        ]
        .into_iter()
        .map(|(name, url, dead)| {
            Ok(Watched { name, url: vars.required(url)?, dead_letters_url: vars.required(dead)? })
        })
        .collect::<Result<_, _>>()?;
        Ok(Self {
            queues: cloud.queues(),
            objects: cloud.objects(),
            watched,
            media_bucket: vars.required("MEDIA_BUCKET")?,
        })
    }

    /// Asks the tables and the bucket.
    pub(crate) async fn services(&self, store: &Store) -> Vec<DependencyHealth> {
        let report =
            |name, problem: Option<String>| DependencyHealth { name, healthy: problem.is_none(), problem };
        let tables = store.ping().await.err().map(|error| error.to_string());
        let bucket = match self.objects.list(&self.media_bucket, "hls/", 1).await {
            Ok(_) | Err(ObjectError::NotFound) => None,
            Err(error) => Some(error.to_string()),
        };
        vec![report("dynamodb", tables), report("s3", bucket)]
    }

    /// Asks every queue. One with dead letters is not healthy: somebody must look at them.
    pub(crate) async fn queues(&self) -> Vec<QueueHealth> {
        // All at the same time: those that are down are waited for once, not one after another.
        futures::future::join_all(self.watched.iter().map(|one| self.queue(one))).await
    }

    async fn queue(&self, Watched { name, url, dead_letters_url }: &Watched) -> QueueHealth {
        let depths = futures::try_join!(self.queues.depth(url), self.queues.depth(dead_letters_url));
        match depths {
            Ok(((waiting, in_flight), (dead_letters, _))) => QueueHealth {
                name,
                healthy: dead_letters == 0,
                waiting,
                in_flight,
                dead_letters,
                problem: None,
            },
            Err(error) => QueueHealth {
                name,
                healthy: false,
                waiting: 0,
                in_flight: 0,
                dead_letters: 0,
                problem: Some(error.to_string()),
            },
        }
    }
}
