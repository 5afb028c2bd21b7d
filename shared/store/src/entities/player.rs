//! The live playback sessions and devices of one user, in one item, so that limits are decided in one conditional write. Used
//! where no Valkey is switched on; crate `ephemeral` chooses.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Consistency, Entity, Key, Store, StoreError, Table, to_item};

/// One live session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The device.
    pub device_id: String,
    /// Start, in epoch seconds.
    pub started_at: i64,
    /// Last heartbeat, in epoch seconds.
    pub last_seen: i64,
    /// When it ends without another heartbeat, in epoch seconds.
    pub expires_at: i64,
}

/// All live sessions and devices of one user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Player {
    /// The user.
    pub user_id: Id<kinds::User>,
    /// The sessions by id.
    #[serde(default)]
    pub sessions: BTreeMap<String, LiveSession>,
    /// When each device is forgotten, in epoch seconds, by [`Player::device_key`].
    #[serde(default)]
    pub devices: BTreeMap<String, i64>,
    /// Grows by one with every change; conditions compare it.
    pub revision: u64,
    /// When the whole item is of no use any more, in epoch seconds (TTL).
    pub idle_after: i64,
}

impl Player {
    /// The key of a user's live sessions.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(format!("PLAYER#{user}"), "PLAYER")
    }

    /// The name of a device in [`Player::devices`]. A digest, since a player may choose any text of any length as its id, and names
    /// in expressions are limited to 255 bytes (DynamoDB developer guide, "Service quotas").
    pub fn device_key(device_id: &str) -> String {
        Sha256::digest(device_id.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Entity for Player {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "player";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.idle_after)
    }
}

/// The live sessions of users.
pub struct Players<'a>(&'a Store);

impl Store {
    /// The live sessions of users.
    pub fn players(&self) -> Players<'_> {
        Players(self)
    }

    /// Writes an entity that carries a `revision`: over the item with revision `before`, or as a new one where `before` is `None`.
    /// `false` when someone else wrote first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn put_revision<E: Entity>(
        &self,
        entity: &E,
        before: Option<u64>,
    ) -> Result<bool, StoreError> {
        let call =
            self.client().put_item().table_name(self.table(E::TABLE)?).set_item(Some(to_item(entity)?));
        let call = match before {
            None => call.condition_expression("attribute_not_exists(pk)"),
            Some(revision) => call
                .condition_expression("revision = :before")
                .expression_attribute_values(":before", AttributeValue::N(revision.to_string())),
        };
        match call.send().await.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::ConditionFailed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Players<'_> {
    /// All live sessions of a user: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, user: Id<kinds::User>) -> Result<Option<Player>, StoreError> {
        self.0.get(Player::key_of(user), Consistency::Strong).await
    }

    /// Writes what was decided on a player that was read with revision `before`; `false` when it changed meanwhile. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(&self, player: &Player, before: Option<u64>) -> Result<bool, StoreError> {
        self.0.put_revision(player, before).await
    }

    /// Prolongs a live session until `expires_at` and its device's place until `device_until` (epoch seconds); `false` when it
    /// is not live at `now`. One write, no read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prolong(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
        device_id: &str,
        now: i64,
        (expires_at, device_until): (i64, i64),
    ) -> Result<bool, StoreError> {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let call = self
            .0
            .client()
            .update_item()
            .table_name(self.0.table(Player::TABLE)?)
            .set_key(Some(Player::key_of(user).into_item()))
            .update_expression(
                "SET #sessions.#session.#expires = :expires, #sessions.#session.last_seen = :now, \
                 #devices.#device = :until, idle_after = :until, #expires = :until ADD revision :one",
            )
            .condition_expression("#sessions.#session.#expires > :now")
            .expression_attribute_names("#sessions", "sessions")
            .expression_attribute_names("#session", session.to_string())
            .expression_attribute_names("#devices", "devices")
            .expression_attribute_names("#device", Player::device_key(device_id))
            .expression_attribute_names("#expires", "expires_at")
            .expression_attribute_values(":expires", number(expires_at))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":until", number(device_until))
            .expression_attribute_values(":one", number(1));
        applied(call.send().await.map(drop).map_err(StoreError::from))
    }

    /// Ends a session; its device keeps its place (seed 002, `end_session`). `false` when there was no such session. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end(&self, user: Id<kinds::User>, session: Id<kinds::Playback>) -> Result<bool, StoreError> {
        let call = self
            .0
            .client()
            .update_item()
            .table_name(self.0.table(Player::TABLE)?)
            .set_key(Some(Player::key_of(user).into_item()))
            .update_expression("REMOVE #sessions.#session ADD revision :one")
            .condition_expression("attribute_exists(#sessions.#session)")
            .expression_attribute_names("#sessions", "sessions")
            .expression_attribute_names("#session", session.to_string())
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        applied(call.send().await.map(drop).map_err(StoreError::from))
    }
}

fn applied(outcome: Result<(), StoreError>) -> Result<bool, StoreError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(StoreError::ConditionFailed(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
