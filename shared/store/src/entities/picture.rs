//! A user's profile picture: which upload is shown, and why the last one was refused.

use domain::{identity::UserStatus, picture::PictureRefusal};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::user::User;
use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, Update, transaction::happened};

/// What became of a user's uploads. Identifiers of pictures are in the order of their uploads' beginnings, and only a later one
/// replaces what is decided here: events may come twice, late and out of order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProfilePicture {
    /// Whose picture.
    pub user_id: Id<kinds::User>,
    /// The last upload, or removal, that was decided.
    pub decided: Id<kinds::Picture>,
    /// What is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Id<kinds::Picture>>,
    /// Why `decided` was refused; what was shown before stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<PictureRefusal>,
    /// Last change.
    pub updated_at: Timestamp,
}

impl ProfilePicture {
    /// The key of a user's picture.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(format!("USER#{user}"), "PICTURE")
    }

    /// The folder of a user's uploads in the uploads bucket.
    pub fn upload_folder(user: Id<kinds::User>) -> String {
        format!("pictures/{user}/")
    }

    /// The key of an upload in the uploads bucket.
    pub fn upload_key(user: Id<kinds::User>, id: Id<kinds::Picture>) -> String {
        format!("{}{id}", Self::upload_folder(user))
    }

    /// The folder of a user in the media bucket.
    pub fn folder(user: Id<kinds::User>) -> String {
        format!("avatars/{user}/")
    }

    /// The key of what is shown in the media bucket; with a slash before it, its path at the distribution.
    pub fn object_key(user: Id<kinds::User>, id: Id<kinds::Picture>) -> String {
        format!("{}{id}.jpg", Self::folder(user))
    }

    /// Which picture an object of a user's folder is.
    pub fn of_object(user: Id<kinds::User>, key: &str) -> Option<Id<kinds::Picture>> {
        key.strip_prefix(&Self::folder(user))?.strip_suffix(".jpg")?.parse().ok()
    }
}

impl Entity for ProfilePicture {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "profile_picture";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// What an upload, or a removal, comes to.
#[derive(Clone, Debug)]
pub enum PictureDecision {
    /// It is shown from now on, under this address.
    Shown(String),
    /// It is not, for this reason; what was shown stays.
    Refused(PictureRefusal),
    /// Nothing is shown from now on.
    Removed,
}

/// The update of the item that keeps what was decided, unless a later picture was; and the address that is shown from then on, where
/// the decision changes it.
pub(super) fn decided<E: Entity>(
    key: Key,
    id: Id<kinds::Picture>,
    decision: &PictureDecision,
    now: Timestamp,
) -> (Update, Option<&str>) {
    let later = Condition::NotExists.or(Condition::compare("decided", "<", id));
    let update = Update::upsert::<E>(key).set("decided", id).set("updated_at", now).when(later);
    match decision {
        PictureDecision::Shown(address) => {
            (update.set("shown", id).remove("refusal"), Some(address.as_str()))
        }
        PictureDecision::Refused(reason) => (update.set("refusal", reason), None),
        PictureDecision::Removed => (update.remove("shown").remove("refusal"), Some("")),
    }
}

/// The profile pictures.
pub struct Pictures<'a>(&'a Store);

impl Store {
    /// The profile pictures.
    pub fn pictures(&self) -> Pictures<'_> {
        Pictures(self)
    }
}

impl Pictures<'_> {
    /// A user's picture; `None` before the first was decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(&self, user: Id<kinds::User>) -> Result<Option<ProfilePicture>, StoreError> {
        self.0.get(ProfilePicture::key_of(user), Consistency::Strong).await
    }

    /// Decides an upload or a removal in one transaction with the user's address of his picture; `false` when a later one was
    /// decided before, or this one was, or the account is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Picture>,
        decision: &PictureDecision,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (picture, address) = decided::<ProfilePicture>(ProfilePicture::key_of(user), id, decision, now);
        let picture = picture.set("user_id", user);
        let works = Condition::one_of("status", [UserStatus::Active, UserStatus::Suspended]);
        let transaction = self.0.transaction().update("picture", picture);
        let owner = User::key_of(user);
        let transaction = match address {
            Some(address) => {
                let update = Update::of::<User>(owner).set("avatar_url", address).set("updated_at", now);
                transaction.update("user", update.when(works))
            }
            None => transaction.check("user", Table::Identity, owner, works),
        };
        happened(transaction.commit().await)
    }
}
