//! What part of sales a creator gets, where it is not the default: one item for each creator, with all that was agreed over time.

use domain::commerce::{BasisPoints, share, share::ShareRule};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Consistency, Entity, Key, Store, StoreError, Table,
    entities::{AdminAction, admin_action::Acted},
};

/// The shares of a creator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreatorShare {
    /// The creator.
    pub creator_id: Id<kinds::User>,
    /// What holds when.
    #[serde(default)]
    pub rules: Vec<ShareRule>,
    /// Grows by one with every change.
    pub revision: u64,
    /// Last change.
    pub updated_at: Timestamp,
}

impl CreatorShare {
    /// The key of a creator's shares.
    pub fn key_of(creator: Id<kinds::User>) -> Key {
        Key::new(format!("SHARE#{creator}"), "SHARE")
    }

    /// The creator's part at this moment.
    pub fn at(&self, now: Timestamp) -> BasisPoints {
        share::at(&self.rules, now)
    }
}

impl Entity for CreatorShare {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "creator_share";

    fn key(&self) -> Key {
        Self::key_of(self.creator_id)
    }
}

/// The shares of creators.
pub struct Shares<'a>(&'a Store);

impl Store {
    /// The shares of creators.
    pub fn shares(&self) -> Shares<'_> {
        Shares(self)
    }
}

impl Shares<'_> {
    /// What was agreed with a creator; `None` where the default holds. One read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, creator: Id<kinds::User>) -> Result<Option<CreatorShare>, StoreError> {
        self.0.get(CreatorShare::key_of(creator), Consistency::Strong).await
    }

    /// Writes what an admin agreed with a creator over what was read with revision `before`: one transaction with the log. Orders that exist
    /// keep their shares.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save(
        &self,
        share: &CreatorShare,
        before: Option<u64>,
        action: &AdminAction,
    ) -> Result<Acted, StoreError> {
        let same = before.map_or(Condition::NotExists, |before| Condition::equals("revision", before));
        Acted::of(self.0.admin_transaction(action, &[]).put_when("share", share, Some(same)).commit().await)
    }
}
