//! What others see of a user.

use kernel::{Id, Secret, id::kinds};
use serde::{Deserialize, Serialize};

use super::user::User;
use crate::{Batch, Entity, Key, Table};

/// The public part of a [`User`]: a read for others never carries the address or the password's hash out of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Identifier.
    pub id: Id<kinds::User>,
    /// Given name.
    pub first_name: Secret<String>,
    /// Family name.
    pub last_name: Secret<String>,
    /// A few words about himself.
    #[serde(default)]
    pub bio: String,
    /// Picture.
    #[serde(default)]
    pub avatar_url: String,
}

impl Person {
    /// Given and family name with a space between.
    pub fn full_name(&self) -> Secret<String> {
        let name = format!("{} {}", self.first_name.expose(), self.last_name.expose());
        Secret::new(name.trim().to_owned())
    }
}

impl Entity for Person {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = User::TYPE;

    fn key(&self) -> Key {
        User::key_of(self.id)
    }
}

impl Batch<'_> {
    /// Asks for the public part of users; such a batch reads nothing else of the identity table.
    #[must_use]
    pub fn with_people(self, ids: impl IntoIterator<Item = Id<kinds::User>>) -> Self {
        self.with_all::<Person>(ids.into_iter().map(User::key_of))
            .only(Table::Identity, "id, first_name, last_name, bio, avatar_url")
    }
}
