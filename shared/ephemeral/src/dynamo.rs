//! Short-lived state in DynamoDB: all live sessions of a user in one item, changed under a condition on its revision.

use std::{collections::BTreeMap, time::Duration};

use domain::playback::Limits;
use kernel::{Id, Timestamp, id::kinds};
use store::{
    Store, StoreError,
    entities::player::{LiveSession, Player},
};

use crate::{DEVICE_GRACE_SECONDS, Play, Refusal, ShortLived};

/// Rounds of reading and writing a player until a play that races others gives up with 503. Each lost round means that another
/// play or heartbeat of the same user was stored, so the limits end the race long before.
const ROUNDS: u32 = 50;
/// Longest wait before another round, in milliseconds.
const JITTER_MS: u64 = 20;

/// Short-lived state in DynamoDB.
#[derive(Clone, Debug)]
pub struct Dynamo(Store);

impl Dynamo {
    /// Short-lived state in this store, whose tables are media (sessions) and identity (rate limits).
    pub fn new(store: Store) -> Self {
        Self(store)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0
    }
}

/// Decides a play on what is known of the user; changes `player` only where it is admitted.
fn admit(player: &mut Player, play: &Play, limits: Limits, ttl: i64, now: i64) -> Result<i64, Refusal> {
    player.sessions.retain(|_, session| session.expires_at > now);
    player.devices.retain(|_, until| *until > now);
    let (id, device) = (play.session.to_string(), Player::device_key(&play.device_id));
    if let Some(known) = player.sessions.get(&id) {
        return Ok(known.expires_at);
    }
    if !player.devices.contains_key(&device) && player.devices.len() >= limits.max_devices as usize {
        return Err(Refusal::DeviceLimit);
    }
    if player.sessions.len() >= limits.max_sessions as usize {
        return Err(Refusal::SessionLimit);
    }
    let expires_at = now + ttl;
    let session = LiveSession {
        video_id: play.video,
        device_id: play.device_id.clone(),
        started_at: now,
        last_seen: now,
        expires_at,
    };
    player.sessions.insert(id, session);
    player.devices.insert(device, expires_at + DEVICE_GRACE_SECONDS);
    player.idle_after = expires_at + DEVICE_GRACE_SECONDS;
    Ok(expires_at)
}

impl ShortLived for Dynamo {
    type Error = StoreError;

    /// One read, and one write where the play is admitted.
    async fn issue(
        &self,
        play: &Play,
        limits: Limits,
        ttl: i64,
        now: i64,
    ) -> Result<Result<i64, Refusal>, StoreError> {
        for _ in 0..ROUNDS {
            let known = self.0.players().get(play.user).await?;
            let before = known.as_ref().map(|player| player.revision);
            let mut player = known.unwrap_or_else(|| Player {
                user_id: play.user,
                sessions: BTreeMap::new(),
                devices: BTreeMap::new(),
                revision: 0,
                idle_after: 0,
            });
            let expires_at = match admit(&mut player, play, limits, ttl, now) {
                Ok(expires_at) => expires_at,
                Err(refusal) => return Ok(Err(refusal)),
            };
            player.revision += 1;
            if self.0.players().save(&player, before).await? {
                return Ok(Ok(expires_at));
            }
            tokio::time::sleep(Duration::from_millis(rand::random_range(0..=JITTER_MS))).await;
        }
        Err(StoreError::Throttled)
    }

    /// One write.
    async fn heartbeat(&self, play: &Play, _: Limits, ttl: i64, now: i64) -> Result<Option<i64>, StoreError> {
        let expires_at = now + ttl;
        let ends = (expires_at, expires_at + DEVICE_GRACE_SECONDS);
        let live = self.0.players().prolong(play.user, play.session, &play.device_id, now, ends).await?;
        Ok(live.then_some(expires_at))
    }

    /// One write.
    async fn end(&self, user: Id<kinds::User>, session: Id<kinds::Playback>) -> Result<bool, StoreError> {
        self.0.players().end(user, session).await
    }

    /// One read.
    async fn is_active(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let player = self.0.players().get(user).await?;
        let live = player.and_then(|mut player| player.sessions.remove(&session.to_string()));
        Ok(live.is_some_and(|session| session.expires_at > now))
    }

    /// One read.
    async fn list(
        &self,
        user: Id<kinds::User>,
        now: i64,
    ) -> Result<Vec<(Id<kinds::Playback>, LiveSession)>, StoreError> {
        let sessions = self.0.players().get(user).await?.map(|player| player.sessions).unwrap_or_default();
        let live = sessions.into_iter().filter(|(_, session)| session.expires_at > now);
        let mut live: Vec<_> = live.filter_map(|(id, session)| Some((id.parse().ok()?, session))).collect();
        live.sort_by_key(|(id, session)| (session.started_at, *id));
        Ok(live)
    }

    /// One write.
    async fn hit(&self, subject: &str, window: i64, now: i64) -> Result<u32, StoreError> {
        let now = Timestamp::from_second(now).map_err(|error| StoreError::Unexpected(error.to_string()))?;
        self.0.rates().hit(subject, now, window).await
    }
}
