//! The record of a play and what happened in it (seed 002, VideoPlaybackSession and VideoPlaybackEvent): audit, kept longer than
//! the live session that [`super::player`] or Valkey holds.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::playback::{EventKind, PlaybackStatus, Policy};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    sweep::Sweep,
    video::Video,
    violation::{VideoViolations, Whose},
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Store, StoreError, Table, Transaction, TransactionError,
    Update, to_item,
};

/// How long events are kept: 180 days, then TTL removes them.
pub const EVENT_LIFE_SECONDS: i64 = 180 * 24 * 3600;

/// One play of a video on one device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaybackRecord {
    /// The session's id, the same as in the live state and in the token.
    pub session_id: Id<kinds::Playback>,
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version that was played.
    pub version: u32,
    /// The enrolment; none for a preview or the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment_id: Option<Id<kinds::Enrollment>>,
    /// The user.
    pub user_id: Id<kinds::User>,
    /// The device.
    pub device_id: String,
    /// State.
    pub status: PlaybackStatus,
    /// Events that broke the policy.
    #[serde(default)]
    pub violation_count: u32,
    /// Start.
    pub started_at: Timestamp,
    /// When its last token ends: nobody can prolong the play after it, whatever the live state says.
    pub valid_until: Timestamp,
    /// End.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl PlaybackRecord {
    /// The key of a play.
    pub fn key_of(session: Id<kinds::Playback>) -> Key {
        Key::new(format!("PLAYBACK#{session}"), "PLAYBACK")
    }
}

impl Entity for PlaybackRecord {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "playback";

    fn key(&self) -> Key {
        Self::key_of(self.session_id)
    }

    /// Index 1 finds the plays of a user for his export and his erasure.
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("USER#{}", self.user_id), format!("PLAYBACK#{}", self.session_id))]
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.started_at.as_second() + EVENT_LIFE_SECONDS)
    }
}

/// One event of a play, judged against the policy of that moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaybackEvent {
    /// Its own id.
    pub id: Id<kinds::Event>,
    /// The play.
    pub session_id: Id<kinds::Playback>,
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The enrolment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment_id: Option<Id<kinds::Enrollment>>,
    /// The user.
    pub user_id: Id<kinds::User>,
    /// What happened.
    pub event_type: EventKind,
    /// The player's own fields.
    #[serde(default)]
    pub event_payload: serde_json::Value,
    /// The policy of that moment.
    pub policy_snapshot: Policy,
    /// Whether it broke the policy.
    pub violated: bool,
    /// How it broke the policy.
    #[serde(default)]
    pub violation_reason: String,
    /// When the player says that it happened.
    pub occurred_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
}

impl Entity for PlaybackEvent {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "playback_event";

    fn key(&self) -> Key {
        Key::new(format!("PLAYBACK#{}", self.session_id), format!("EVENT#{}", self.id))
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.received_at.as_second() + EVENT_LIFE_SECONDS)
    }
}

/// Marks a batch of events as stored and counted, so that one that is sent again changes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventBatch {
    /// The play.
    pub session_id: Id<kinds::Playback>,
    /// The name that the player gave to the batch.
    pub batch_id: String,
    /// Events in it.
    pub stored: u32,
    /// When it came in.
    pub created_at: Timestamp,
}

impl EventBatch {
    /// The key of a batch.
    pub fn key_of(session: Id<kinds::Playback>, batch_id: &str) -> Key {
        Key::new(format!("PLAYBACK#{session}"), format!("BATCH#{batch_id}"))
    }
}

impl Entity for EventBatch {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "playback_event_batch";

    fn key(&self) -> Key {
        Self::key_of(self.session_id, &self.batch_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.created_at.as_second() + EVENT_LIFE_SECONDS)
    }
}

/// What the janitor found out about a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// It is over; nothing is left to do.
    Over,
    /// It still plays; look again then.
    Until(Timestamp),
}

/// What a report about a play is checked against.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The video, unless it is deleted.
    pub video: Option<Video>,
    /// The record of the play that was named.
    pub record: Option<PlaybackRecord>,
    /// The batch that was named, where it was stored before.
    pub batch: Option<EventBatch>,
}

/// The plays and their events.
pub struct Playbacks<'a>(pub(crate) &'a Store);

impl Store {
    /// The plays and their events.
    pub fn playbacks(&self) -> Playbacks<'_> {
        Playbacks(self)
    }
}

/// Items of one BatchWriteItem (DynamoDB API reference).
const BATCH_MAX: usize = 25;
/// Rounds in which DynamoDB may leave items of a batch unwritten.
const BATCH_ROUNDS: u32 = 5;

impl Playbacks<'_> {
    /// Records a new play together with the janitor's reminder of its end: one transaction of two writes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self, record: &PlaybackRecord, reminder: &Sweep) -> Result<(), StoreError> {
        match self.0.transaction().put_new("play", record).put("reminder", reminder).commit().await {
            Ok(()) => Ok(()),
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// The record of a play: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, session: Id<kinds::Playback>) -> Result<Option<PlaybackRecord>, StoreError> {
        self.0.get(PlaybackRecord::key_of(session), Consistency::Strong).await
    }

    /// What a report about a video is checked against, with the record of a play and the mark of one of its batches where they are
    /// named: one batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reported(
        &self,
        video: Id<kinds::Video>,
        session: Option<Id<kinds::Playback>>,
        batch_id: Option<&str>,
    ) -> Result<Reported, StoreError> {
        let mark = session.zip(batch_id).map(|(session, batch_id)| EventBatch::key_of(session, batch_id));
        let batch = self.0.batch().with::<Video>(Video::key_of(video));
        let batch = batch.with_all::<PlaybackRecord>(session.map(PlaybackRecord::key_of));
        let found = batch.with_all::<EventBatch>(mark).read().await?;
        let video = found.one::<Video>()?.filter(|video| video.deleted_at.is_none());
        Ok(Reported { video, record: found.one()?, batch: found.one()? })
    }

    /// Notes that a play got a token until `valid_until`; `None` when it was ended or is not this user's. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prolong(
        &self,
        session: Id<kinds::Playback>,
        user: Id<kinds::User>,
        valid_until: Timestamp,
    ) -> Result<Option<PlaybackRecord>, StoreError> {
        let update = Update::of::<PlaybackRecord>(PlaybackRecord::key_of(session))
            .set("valid_until", valid_until)
            .when(active_of(user));
        self.0.update_if(update).await
    }

    /// Ends a play of this user; `None` when it is over already or not his. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish(
        &self,
        session: Id<kinds::Playback>,
        user: Id<kinds::User>,
        status: PlaybackStatus,
        now: Timestamp,
    ) -> Result<Option<PlaybackRecord>, StoreError> {
        let update = Update::of::<PlaybackRecord>(PlaybackRecord::key_of(session))
            .set("status", status)
            .set("ended_at", now)
            .when(active_of(user));
        self.0.update_if(update).await
    }

    /// Marks a play as expired when its last token has ended without a word. For the janitor, on a reminder of
    /// [`domain::sweep::SweepKind::Playback`] whose subject is the session. One read, and one write where it expired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire_overdue(
        &self,
        session: Id<kinds::Playback>,
        now: Timestamp,
    ) -> Result<Overdue, StoreError> {
        let Some(record) = self.get(session).await? else { return Ok(Overdue::Over) };
        if record.status != PlaybackStatus::Active {
            return Ok(Overdue::Over);
        }
        if record.valid_until > now {
            return Ok(Overdue::Until(record.valid_until));
        }
        let update = Update::of::<PlaybackRecord>(PlaybackRecord::key_of(session))
            .set("status", PlaybackStatus::Expired)
            .set("ended_at", record.valid_until)
            .when(Condition::equals("status", PlaybackStatus::Active))
            .when(Condition::equals("valid_until", record.valid_until));
        match self.0.update_if::<PlaybackRecord>(update).await? {
            Some(_) => Ok(Overdue::Over),
            // It was ended or refreshed just now: the next look decides.
            None => Ok(Overdue::Until(now)),
        }
    }

    /// Stores events; one with the same id is overwritten. One call for 25 of them.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when DynamoDB keeps leaving some out.
    pub async fn save_events(&self, events: &[PlaybackEvent]) -> Result<(), StoreError> {
        let table = self.0.table(PlaybackEvent::TABLE)?;
        for chunk in events.chunks(BATCH_MAX) {
            let write = |event| {
                let put = PutRequest::builder().set_item(Some(to_item(event)?)).build();
                let put = put.map_err(|error| StoreError::Unexpected(error.to_string()))?;
                Ok(WriteRequest::builder().put_request(put).build())
            };
            let mut rest = chunk.iter().map(write).collect::<Result<Vec<_>, StoreError>>()?;
            for _ in 0..BATCH_ROUNDS {
                if rest.is_empty() {
                    break;
                }
                let answer = self.0.client().batch_write_item().request_items(table, rest).send().await?;
                rest = answer.unprocessed_items.and_then(|mut left| left.remove(table)).unwrap_or_default();
            }
            if !rest.is_empty() {
                return Err(StoreError::Throttled);
            }
        }
        Ok(())
    }

    /// Adds to a play's count of violations, and to that of its student and video where it was by an enrolment: one transaction of up to two
    /// writes.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::ConditionFailed`] when the play is gone.
    pub async fn count_violations(
        &self,
        session: Id<kinds::Playback>,
        (violations, whose): (u32, Option<Whose>),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.0.transaction().update("count", counted(session, violations));
        let transaction = count_for_teacher(transaction, violations, whose, now);
        transaction.commit().await.map_err(TransactionError::into_store)
    }

    /// Marks a batch as stored and adds its violations as [`Self::count_violations`] does, once: `false` when it was marked before. One
    /// transaction of up to three writes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_batch(
        &self,
        batch: &EventBatch,
        (violations, whose): (u32, Option<Whose>),
    ) -> Result<bool, StoreError> {
        let transaction = self
            .0
            .transaction()
            .put_new("batch", batch)
            .update("count", counted(batch.session_id, violations));
        let transaction = count_for_teacher(transaction, violations, whose, batch.created_at);
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { .. }) => Ok(false),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}

fn active_of(user: Id<kinds::User>) -> Condition {
    Condition::equals("user_id", user).and(Condition::equals("status", PlaybackStatus::Active))
}

fn count_for_teacher<'a>(
    transaction: Transaction<'a, &'static str>,
    violations: u32,
    whose: Option<Whose>,
    now: Timestamp,
) -> Transaction<'a, &'static str> {
    match whose {
        Some(whose) if violations > 0 => {
            transaction.update("student", VideoViolations::more(whose, violations, now))
        }
        _ => transaction,
    }
}

fn counted(session: Id<kinds::Playback>, violations: u32) -> Update {
    Update::of::<PlaybackRecord>(PlaybackRecord::key_of(session))
        .add("violation_count", i64::from(violations))
        .when(Condition::Exists)
}
