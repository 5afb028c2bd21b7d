//! Devices on which a user has logged in: one that is known is never kept waiting for what a stranger does.

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Condition, Consistency, Entity, Key, Query, Store, StoreError, Table, Update};

use super::user::User;

/// How long a device is remembered after its last login, in days: as long as browsers keep its cookie (RFC 6265bis, 5.5).
pub const DEVICE_DAYS: i64 = 400;

/// A device of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    /// Identifier.
    pub id: Id<kinds::Device>,
    /// Whose device it is.
    pub user_id: Id<kinds::User>,
    /// The device as its User-Agent names it.
    pub device_info: String,
    /// The network address of the last login. The table holds its network alone: the session of that login has the whole one, and its
    /// [`super::SecurityEvent`] where the device was new.
    #[serde(with = "super::network_address::network")]
    pub ip_address: String,
    /// The first login.
    pub created_at: Timestamp,
    /// The last login.
    pub updated_at: Timestamp,
    /// Until when no second factor is asked for here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_until: Option<Timestamp>,
}

impl Device {
    /// The key of a device.
    pub fn key_of(user: Id<kinds::User>, id: Id<kinds::Device>) -> Key {
        Key::new(format!("USER#{user}"), format!("DEVICE#{id}"))
    }

    /// Whether a login here needs no second factor.
    pub fn is_trusted(&self, now: Timestamp) -> bool {
        self.trusted_until.is_some_and(|until| until > now)
    }
}

impl Entity for Device {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "device";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.updated_at.as_second() + DEVICE_DAYS * 24 * 3600)
    }
}

/// The devices.
pub struct Devices<'a>(&'a Store);

impl Store {
    /// The devices.
    pub fn devices(&self) -> Devices<'_> {
        Devices(self)
    }
}

impl Devices<'_> {
    /// A device of this user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn device(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Device>,
    ) -> Result<Option<Device>, StoreError> {
        self.0.get(Device::key_of(user, id), Consistency::Strong).await
    }

    /// The user's devices.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn devices_of(&self, user: Id<kinds::User>) -> Result<Vec<Device>, StoreError> {
        let query = Query::partition(User::key_of(user).pk).prefix("DEVICE#");
        let items = self.0.query_all(Table::Identity, query).await?;
        items.into_iter().map(crate::from_item).collect()
    }

    /// Forgets a device: its next login is one on a new device. `false` when he has no such device.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, user: Id<kinds::User>, id: Id<kinds::Device>) -> Result<bool, StoreError> {
        let known = self.device(user, id).await?.is_some();
        if known {
            self.0.delete(Table::Identity, Device::key_of(user, id)).await?;
        }
        Ok(known)
    }

    /// Trusts no device of the user any more: each asks for the second factor again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn distrust_all(&self, user: Id<kinds::User>) -> Result<(), StoreError> {
        for device in self.devices_of(user).await?.into_iter().filter(|device| device.trusted_until.is_some())
        {
            let update = Update::of::<Device>(device.key()).remove("trusted_until").when(Condition::Exists);
            self.0.update_if::<Device>(update).await?;
        }
        Ok(())
    }
}
