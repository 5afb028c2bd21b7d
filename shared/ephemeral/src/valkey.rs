//! Short-lived state in Valkey: each call is one script in one round trip, so limits are decided atomically.
//!
//! The keys are seed 002's (`media:playback:user:<id>:sessions`, `…:devices`, and the sessions' details beside them). The user's id
//! stands in braces: ElastiCache Serverless runs in cluster mode, where the keys of a script must share a hash slot.

use std::{sync::Arc, time::Duration};

use aws_sdk_elasticache::error::{DisplayErrorContext, SdkError};
use cloud::Cloud;
use domain::playback::Limits;
use kernel::{Id, id::kinds};
use redis::{AsyncConnectionConfig, Client, RedisError, Script, aio::MultiplexedConnection};
use tokio::sync::Mutex;

use crate::{DEVICE_GRACE_SECONDS, LiveSession, Play, Refusal, ShortLived};

/// How long a connection or an answer may take: beyond it DynamoDB is faster.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long the search for the endpoint may take, once for each instance. A hundred instances that start at once get through.
const DISCOVERY_PATIENCE: Duration = Duration::from_secs(3);

/// Valkey did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum ValkeyError {
    /// The connection or the command failed.
    #[error("Valkey: {0}")]
    Command(#[from] RedisError),
    /// ElastiCache does not tell where the cache is.
    #[error("the endpoint of the cache {cache} could not be found: {reason}")]
    Discovery {
        /// The cache's name.
        cache: String,
        /// Why not.
        reason: String,
    },
    /// A stored value is not what it should be.
    #[error("Valkey holds a session that can't be read: {0}")]
    Malformed(#[from] serde_json::Error),
}

#[derive(Debug)]
enum Place {
    /// A URL, `redis://` or `rediss://`.
    Url(String),
    /// The name of a serverless cache, whose endpoint ElastiCache tells.
    Cache { client: aws_sdk_elasticache::Client, name: String, tls: bool },
}

/// Short-lived state in Valkey. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Valkey(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    patience: Duration,
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl Valkey {
    /// The server at a URL.
    pub fn at(url: impl Into<String>) -> Self {
        Self::patient(url, PATIENCE)
    }

    /// The same with another patience than that of production; tests of races use this, in which a busy machine must not count as an outage.
    pub fn patient(url: impl Into<String>, patience: Duration) -> Self {
        Self::of(Place::Url(url.into()), patience)
    }

    /// The serverless cache of this name; nothing is asked before the first use.
    pub fn cache(cloud: &Cloud, name: String, tls: bool) -> Self {
        let client = aws_sdk_elasticache::Client::new(cloud.sdk());
        Self::of(Place::Cache { client, name, tls }, PATIENCE)
    }

    fn of(place: Place, patience: Duration) -> Self {
        Self(Arc::new(Inner { place, patience, connection: Mutex::new(None) }))
    }

    async fn url(&self) -> Result<String, ValkeyError> {
        let (client, name, tls) = match &self.0.place {
            Place::Url(url) => return Ok(url.clone()),
            Place::Cache { client, name, tls } => (client, name, *tls),
        };
        let failed = |reason: String| ValkeyError::Discovery { cache: name.clone(), reason };
        let call = client.describe_serverless_caches().serverless_cache_name(name).send();
        let answer = tokio::time::timeout(DISCOVERY_PATIENCE, call).await;
        let answer = answer.map_err(|_| failed("ElastiCache does not answer".into()))?;
        let answer = answer.map_err(|error: SdkError<_>| failed(DisplayErrorContext(error).to_string()))?;
        let cache = answer.serverless_caches.unwrap_or_default().into_iter().next();
        let endpoint =
            cache.and_then(|cache| cache.endpoint).ok_or_else(|| failed("it has no endpoint".into()))?;
        match (endpoint.address, endpoint.port) {
            (Some(host), Some(port)) => {
                Ok(format!("{}://{host}:{port}", if tls { "rediss" } else { "redis" }))
            }
            _ => Err(failed("its endpoint has no address".into())),
        }
    }

    /// The open connection, or a new one. The flag tells whether it is new.
    async fn connection(&self) -> Result<(MultiplexedConnection, bool), ValkeyError> {
        // Held while connecting on purpose: concurrent first uses then connect once.
        let mut open = self.0.connection.lock().await;
        if let Some(connection) = &*open {
            return Ok((connection.clone(), false));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.0.patience))
            .set_response_timeout(Some(self.0.patience));
        let client = Client::open(self.url().await?)?;
        let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        *open = Some(connection.clone());
        Ok((connection, true))
    }

    async fn forget_connection(&self) {
        *self.0.connection.lock().await = None;
    }

    /// Runs a script. Where a connection from earlier turns out to be broken, which is usual after a function was frozen, a new one is
    /// tried once: every script may run twice.
    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[&str],
    ) -> Result<T, ValkeyError> {
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(key);
        }
        for argument in arguments {
            call.arg(*argument);
        }
        loop {
            let (mut connection, new) = self.connection().await?;
            match call.invoke_async(&mut connection).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() => {
                    self.forget_connection().await;
                    if new {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn sessions(user: Id<kinds::User>) -> String {
    format!("media:playback:user:{{{user}}}:sessions")
}

fn devices(user: Id<kinds::User>) -> String {
    format!("media:playback:user:{{{user}}}:devices")
}

fn details(user: Id<kinds::User>) -> String {
    format!("media:playback:user:{{{user}}}:details")
}

macro_rules! script {
    ($name:literal) => {{
        static SCRIPT: std::sync::LazyLock<Script> =
            std::sync::LazyLock::new(|| Script::new(include_str!(concat!("scripts/", $name, ".lua"))));
        &SCRIPT
    }};
}

impl ShortLived for Valkey {
    type Error = ValkeyError;

    async fn issue(
        &self,
        play: &Play,
        limits: Limits,
        ttl: i64,
        now: i64,
    ) -> Result<Result<i64, Refusal>, ValkeyError> {
        let session = serde_json::to_string(&LiveSession {
            video_id: play.video,
            device_id: play.device_id.clone(),
            started_at: now,
            last_seen: now,
            expires_at: now + ttl,
        })?;
        let keys = [sessions(play.user), devices(play.user), details(play.user)];
        let arguments = [
            &now.to_string(),
            &ttl.to_string(),
            &limits.max_sessions.to_string(),
            &limits.max_devices.to_string(),
            &play.session.to_string(),
            &play.device_id,
            &session,
            &DEVICE_GRACE_SECONDS.to_string(),
        ];
        Ok(match self.run(script!("issue"), &keys, &arguments.map(String::as_str)).await? {
            -1 => Err(Refusal::DeviceLimit),
            -2 => Err(Refusal::SessionLimit),
            expires_at => Ok(expires_at),
        })
    }

    async fn heartbeat(
        &self,
        play: &Play,
        _: Limits,
        ttl: i64,
        now: i64,
    ) -> Result<Option<i64>, ValkeyError> {
        let keys = [sessions(play.user), devices(play.user), details(play.user)];
        let arguments = [
            &now.to_string(),
            &ttl.to_string(),
            &play.session.to_string(),
            &play.device_id,
            &DEVICE_GRACE_SECONDS.to_string(),
        ];
        let expires_at: i64 = self.run(script!("heartbeat"), &keys, &arguments.map(String::as_str)).await?;
        Ok(Some(expires_at).filter(|at| *at > 0))
    }

    async fn end(&self, user: Id<kinds::User>, session: Id<kinds::Playback>) -> Result<bool, ValkeyError> {
        let removed: i64 =
            self.run(script!("end"), &[sessions(user), details(user)], &[&session.to_string()]).await?;
        Ok(removed > 0)
    }

    async fn is_active(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
        now: i64,
    ) -> Result<bool, ValkeyError> {
        Ok(self.list(user, now).await?.iter().any(|(id, _)| *id == session))
    }

    async fn list(
        &self,
        user: Id<kinds::User>,
        now: i64,
    ) -> Result<Vec<(Id<kinds::Playback>, LiveSession)>, ValkeyError> {
        let pairs: Vec<(String, String)> =
            self.run(script!("list"), &[sessions(user), details(user)], &[&now.to_string()]).await?;
        let mut live = Vec::with_capacity(pairs.len());
        for (id, session) in pairs {
            if let Ok(id) = id.parse() {
                live.push((id, serde_json::from_str::<LiveSession>(&session)?));
            }
        }
        live.sort_by_key(|(id, session)| (session.started_at, *id));
        Ok(live)
    }

    async fn hit(&self, subject: &str, window: i64, now: i64) -> Result<u32, ValkeyError> {
        let window = window.max(1);
        let key = format!("rate:{{{subject}}}:{}", now - now.rem_euclid(window));
        self.run(script!("hit"), &[key], &[&(2 * window).to_string()]).await
    }
}
