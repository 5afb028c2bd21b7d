//! Valkey where it is switched on and answers, DynamoDB otherwise.
//!
//! A session that one backend has issued and the other does not know (Valkey went down, came back, or was emptied) is taken over
//! at its next heartbeat: its signed token proves that it was issued, its record in DynamoDB tells whether it was ended since, and the
//! limits are checked anew. So an outage locks nobody out and revives nothing that was ended.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cloud::Cloud;
use domain::playback::{Limits, PlaybackStatus};
use kernel::{ConfigError, Id, Vars, id::kinds};
use store::{Store, StoreError};
use tokio::{sync::Mutex, time::Instant};

use crate::{Dynamo, LiveSession, Play, Refusal, ShortLived, Valkey, ValkeyError};

/// After a failure Valkey is left alone for so long, so that its silence does not cost every request its patience.
const REST: Duration = Duration::from_secs(5);

/// Short-lived state with a fallback. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ephemeral {
    dynamo: Dynamo,
    valkey: Option<Valkey>,
    health: Arc<Health>,
}

#[derive(Debug, Default)]
struct Health {
    /// Valkey is not asked before.
    rests_until: Mutex<Option<Instant>>,
    /// The failure was logged.
    reported: AtomicBool,
}

impl Ephemeral {
    /// DynamoDB alone.
    pub fn dynamo(store: Store) -> Self {
        Self { dynamo: Dynamo::new(store), valkey: None, health: Arc::default() }
    }

    /// Valkey, and DynamoDB while it is down.
    pub fn valkey(valkey: Valkey, store: Store) -> Self {
        Self { valkey: Some(valkey), ..Self::dynamo(store) }
    }

    /// As the template says: `VALKEY_CACHE_NAME` names the serverless cache, absent for DynamoDB alone; `VALKEY_TLS` is true unless set
    /// to false.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is malformed.
    pub fn from_env(vars: &Vars, cloud: &Cloud, store: Store) -> Result<Self, ConfigError> {
        match vars.optional("VALKEY_CACHE_NAME") {
            None => Ok(Self::dynamo(store)),
            Some(name) => {
                let tls = vars.parsed_or("VALKEY_TLS", true)?;
                Ok(Self::valkey(Valkey::cache(cloud, name, tls), store))
            }
        }
    }

    /// Asks Valkey; `None` where there is none, where it rests, and where it fails.
    async fn ask<T>(&self, question: impl AsyncFnOnce(&Valkey) -> Result<T, ValkeyError>) -> Option<T> {
        let valkey = self.valkey.as_ref()?;
        if self.health.rests_until.lock().await.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        match question(valkey).await {
            Ok(answer) => {
                if self.health.reported.swap(false, Ordering::Relaxed) {
                    tracing::info!("Valkey answers again");
                }
                Some(answer)
            }
            Err(error) => {
                *self.health.rests_until.lock().await = Some(Instant::now() + REST);
                // Once for an outage: each request of a busy function would say the same.
                if !self.health.reported.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "Valkey is down: sessions are kept in DynamoDB until it answers again");
                }
                None
            }
        }
    }

    /// Whether a play was issued and not ended since, as its record says.
    async fn is_recorded(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
    ) -> Result<bool, StoreError> {
        let record = self.dynamo.store().playbacks().get(session).await?;
        Ok(record.is_some_and(|record| record.user_id == user && record.status == PlaybackStatus::Active))
    }
}

impl ShortLived for Ephemeral {
    type Error = StoreError;

    async fn issue(
        &self,
        play: &Play,
        limits: Limits,
        ttl: i64,
        now: i64,
    ) -> Result<Result<i64, Refusal>, StoreError> {
        match self.ask(async |valkey| valkey.issue(play, limits, ttl, now).await).await {
            Some(answer) => Ok(answer),
            None => self.dynamo.issue(play, limits, ttl, now).await,
        }
    }

    async fn heartbeat(
        &self,
        play: &Play,
        limits: Limits,
        ttl: i64,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let known = match self.ask(async |valkey| valkey.heartbeat(play, limits, ttl, now).await).await {
            Some(answer) => answer,
            None => self.dynamo.heartbeat(play, limits, ttl, now).await?,
        };
        if known.is_some() || self.valkey.is_none() || !self.is_recorded(play.user, play.session).await? {
            return Ok(known);
        }
        Ok(self.issue(play, limits, ttl, now).await?.ok())
    }

    async fn end(&self, user: Id<kinds::User>, session: Id<kinds::Playback>) -> Result<bool, StoreError> {
        match self.ask(async |valkey| valkey.end(user, session).await).await {
            Some(true) => Ok(true),
            // It may have been issued while Valkey was down.
            Some(false) | None => self.dynamo.end(user, session).await,
        }
    }

    async fn is_active(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let known = match self.ask(async |valkey| valkey.is_active(user, session, now).await).await {
            Some(answer) => answer,
            None => self.dynamo.is_active(user, session, now).await?,
        };
        if known || self.valkey.is_none() { Ok(known) } else { self.is_recorded(user, session).await }
    }

    async fn list(
        &self,
        user: Id<kinds::User>,
        now: i64,
    ) -> Result<Vec<(Id<kinds::Playback>, LiveSession)>, StoreError> {
        match self.ask(async |valkey| valkey.list(user, now).await).await {
            Some(answer) => Ok(answer),
            None => self.dynamo.list(user, now).await,
        }
    }

    /// Gives 0 when the counter can't be reached: limits fail open.
    async fn hit(&self, subject: &str, window: i64, now: i64) -> Result<u32, StoreError> {
        if self.valkey.is_some() {
            return Ok(self.ask(async |valkey| valkey.hit(subject, window, now).await).await.unwrap_or(0));
        }
        Ok(self.dynamo.hit(subject, window, now).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a rate limit could not be counted");
            0
        }))
    }
}
