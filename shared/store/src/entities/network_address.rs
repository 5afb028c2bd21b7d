//! Network addresses of who did something. What is kept for long holds the network alone ([`shortened`]); the whole address lies in an item of its
//! own beside it, which DynamoDB deletes after [`KEPT_WHOLE`]: nothing has to be found and changed for that, and no job can forget one.

use std::collections::HashMap;

use domain::identity::address::{KEPT_WHOLE, is_whole, shortened, whole};
use kernel::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Entity, Key, Store, StoreError, Table, Transaction};

/// The whole address from which something was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WholeAddress {
    /// The partition of what it is about, which is its own too.
    pub partition: String,
    /// What it is about, by its sort key there.
    pub subject: String,
    /// The address.
    pub ip_address: String,
    /// When it was done.
    pub at: Timestamp,
}

impl WholeAddress {
    /// The address from which the item with this key was made at a moment; `None` where that is no address.
    fn new(subject: Key, ip_address: &str, at: Timestamp) -> Option<Self> {
        let ip_address = whole(ip_address)?;
        Some(Self { partition: subject.pk, subject: subject.sk, ip_address, at })
    }

    /// The key of the address of the item with this key.
    pub(crate) fn key_of(subject: Key) -> Key {
        Key::new(subject.pk, format!("ADDRESS#{}", subject.sk))
    }
}

impl Entity for WholeAddress {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "network_address";

    fn key(&self) -> Key {
        Self::key_of(Key::new(&self.partition, &self.subject))
    }

    fn expires_at(&self) -> Option<i64> {
        Some((self.at + KEPT_WHOLE).as_second())
    }
}

/// Something that is kept for longer than the whole address from which it was done. It is stored with the network alone.
pub trait FromAddress: Entity {
    /// When it was done, and from which address.
    fn origin(&self) -> (Timestamp, &str);

    /// The address, to be shown whole.
    fn origin_mut(&mut self) -> &mut String;
}

impl<L: Clone + std::fmt::Debug> Transaction<'_, L> {
    /// Writes an entity whose key must be free, and beside it the whole address from which it was made.
    #[must_use]
    pub(crate) fn put_new_from<E: FromAddress>(self, label: L, entity: &E) -> Self {
        let (at, ip_address) = entity.origin();
        let address = WholeAddress::new(entity.key(), ip_address, at);
        let transaction = self.put_new(label.clone(), entity);
        match address {
            Some(address) => transaction.put(label, &address),
            None => transaction,
        }
    }
}

impl Store {
    /// Fills in the whole addresses of those that are young enough to have one: one batch for each hundred, none where none is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_whole_addresses<E: FromAddress>(
        &self,
        entities: &mut [E],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let young = entities.iter().filter(|entity| is_whole(entity.origin().0, now));
        let keys = young.map(|entity| WholeAddress::key_of(entity.key()));
        let found = self.batch().with_all::<WholeAddress>(keys).read().await?.all::<WholeAddress>()?;
        let mut by_subject: HashMap<_, _> = found
            .into_iter()
            .map(|address| ((address.partition, address.subject), address.ip_address))
            .collect();
        for entity in entities {
            let Key { pk, sk } = entity.key();
            if let Some(whole) = by_subject.remove(&(pk, sk)) {
                *entity.origin_mut() = whole;
            }
        }
        Ok(())
    }
}

/// An address of which the table holds the network alone, however it was given or written before there was this rule.
pub(crate) mod network {
    use super::{Deserialize, Deserializer, Serializer, shortened};

    pub(crate) fn serialize<S: Serializer>(address: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shortened(address))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Ok(shortened(&String::deserialize(deserializer)?))
    }
}
