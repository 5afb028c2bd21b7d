//! How old somebody is, and nothing else of him.

use jiff::civil::Date;
use kernel::{Id, Secret, id::kinds};
use serde::{Deserialize, Serialize};

use super::{User, Users};
use crate::{Entity, Key, StoreError, Table};

/// The part of a [`User`] that tells his age.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Born {
    id: Id<kinds::User>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birthdate: Option<Secret<Date>>,
}

impl Entity for Born {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = User::TYPE;

    fn key(&self) -> Key {
        User::key_of(self.id)
    }
}

impl Users<'_> {
    /// When a user was born, if he has said so: one read, of nothing else.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn birthdate(&self, id: Id<kinds::User>) -> Result<Option<Date>, StoreError> {
        let batch = self.0.batch().with::<Born>(User::key_of(id)).only(Table::Identity, "id, birthdate");
        let born: Option<Born> = batch.read().await?.one()?;
        Ok(born.and_then(|born| born.birthdate).map(|birthdate| *birthdate.expose()))
    }
}
