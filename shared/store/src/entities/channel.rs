//! An instructor's channel (seed 003, Channel), with the guards that keep one channel a user and one channel a handle.

use domain::channel::{ChannelStatus, Quota, is_handle};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update, from_item,
};

/// A channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Channel {
    /// Identifier.
    pub id: Id<kinds::Channel>,
    /// Its owner.
    pub user_id: Id<kinds::User>,
    /// Name, 3 to 100 characters.
    pub name: String,
    /// Unique handle, without the `@`.
    pub handle: String,
    /// About, up to 5,000 characters.
    #[serde(default)]
    pub description: String,
    /// Picture.
    #[serde(default)]
    pub avatar_url: String,
    /// Banner.
    #[serde(default)]
    pub banner_url: String,
    /// State.
    pub status: ChannelStatus,
    /// Whether it is verified.
    #[serde(default)]
    pub verified: bool,
    /// When it was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
    /// Followers.
    #[serde(default)]
    pub subscriber_count: u64,
    /// Views of all its videos.
    #[serde(default)]
    pub total_views: u64,
    /// Published videos.
    #[serde(default)]
    pub total_videos: u64,
    /// Whether it earns.
    #[serde(default)]
    pub monetization_enabled: bool,
    /// Since when it earns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monetization_enabled_at: Option<Timestamp>,
    /// What it may upload.
    pub quota: Quota,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Channel {
    /// The key of a channel.
    pub fn key_of(id: Id<kinds::Channel>) -> Key {
        Key::new(format!("CHANNEL#{id}"), "CHANNEL")
    }
}

impl Entity for Channel {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "channel";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, ALL, self.id.to_string())]
    }
}

/// The partition of index 1 that lists every channel, whatever its state.
const ALL: &str = "CHANNELS";

/// Keeps a handle for one channel and finds the channel by it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandleGuard {
    /// The handle.
    pub handle: String,
    /// The channel.
    pub channel_id: Id<kinds::Channel>,
    /// When it was taken.
    pub created_at: Timestamp,
}

impl HandleGuard {
    pub(crate) fn key_of(handle: &str) -> Key {
        Key::new(format!("HANDLE#{handle}"), "HANDLE")
    }
}

impl Entity for HandleGuard {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "handle_guard";

    fn key(&self) -> Key {
        Self::key_of(&self.handle)
    }
}

/// Keeps one channel a user and finds it by its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChannelOfUser {
    /// The owner.
    pub user_id: Id<kinds::User>,
    /// His channel.
    pub channel_id: Id<kinds::Channel>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ChannelOfUser {
    pub(crate) fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(format!("USER#{user}"), "CHANNEL")
    }
}

impl Entity for ChannelOfUser {
    const TABLE: Table = Table::Social;
    const TYPE: &'static str = "channel_of_user";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// Why a channel was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelTaken {
    /// The user has one.
    User,
    /// Another channel has the handle.
    Handle,
}

/// What an owner may change; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ChannelChanges {
    /// New name.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New picture.
    pub avatar_url: Option<String>,
    /// New banner.
    pub banner_url: Option<String>,
}

/// The channels.
pub struct Channels<'a>(&'a Store);

impl Store {
    /// The channels.
    pub fn channels(&self) -> Channels<'_> {
        Channels(self)
    }
}

impl Channels<'_> {
    /// The channel by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Channel>) -> Result<Option<Channel>, StoreError> {
        self.0.get(Channel::key_of(id), Consistency::Strong).await
    }

    /// The channel by its handle: two reads, none for what can't be a handle.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_handle(&self, handle: &str) -> Result<Option<Channel>, StoreError> {
        if !is_handle(handle) {
            return Ok(None);
        }
        let guard: Option<HandleGuard> = self.0.get(HandleGuard::key_of(handle), Consistency::Strong).await?;
        match guard {
            Some(guard) => self.get(guard.channel_id).await,
            None => Ok(None),
        }
    }

    /// The user's own channel: two reads.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(&self, user: Id<kinds::User>) -> Result<Option<Channel>, StoreError> {
        let place: Option<ChannelOfUser> =
            self.0.get(ChannelOfUser::key_of(user), Consistency::Strong).await?;
        match place {
            Some(place) => self.get(place.channel_id).await,
            None => Ok(None),
        }
    }

    /// A page of all channels, of any state, the oldest first: one query of index 1, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all(&self, start: Option<Position>, limit: u32) -> Result<QueryPage<Channel>, StoreError> {
        self.0.query(Query::index(1, ALL).limit(limit).after(start)).await
    }

    /// Makes a channel with both guards in one transaction; `Some` says what is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, channel: &Channel) -> Result<Option<ChannelTaken>, StoreError> {
        let handle = HandleGuard {
            handle: channel.handle.clone(),
            channel_id: channel.id,
            created_at: channel.created_at,
        };
        let place = ChannelOfUser {
            user_id: channel.user_id,
            channel_id: channel.id,
            created_at: channel.created_at,
        };
        let transaction = self
            .0
            .transaction()
            .put_new(ChannelTaken::User, &place)
            .put_new(ChannelTaken::Handle, &handle)
            .put_new(ChannelTaken::User, channel);
        match transaction.commit().await {
            Ok(()) => Ok(None),
            Err(TransactionError::Failed { label, .. }) => Ok(Some(label)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Changes a channel of this user; `None` when he owns no such channel.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        id: Id<kinds::Channel>,
        owner: Id<kinds::User>,
        changes: ChannelChanges,
        now: Timestamp,
    ) -> Result<Option<Channel>, StoreError> {
        let update = Update::of::<Channel>(Channel::key_of(id))
            .set_some("name", changes.name)
            .set_some("description", changes.description)
            .set_some("avatar_url", changes.avatar_url)
            .set_some("banner_url", changes.banner_url)
            .set("updated_at", now)
            .when(Condition::equals("user_id", owner));
        match self.0.update(update).await {
            Ok(item) => from_item(item).map(Some),
            Err(StoreError::ConditionFailed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
