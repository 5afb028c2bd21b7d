//! Uploaded pictures of people, courses and videos: which upload is shown, and why the last one was refused. All are of one shape; what differs between
//! them is said by [`Pictured`].

use std::{fmt, marker::PhantomData};

use domain::picture::PictureRefusal;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use super::pictured::Pictured;
use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, Update, transaction::happened};

/// Whose picture; in an item, under the name that its table has for him or it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureSubject {
    /// A person's.
    #[serde(rename = "user_id")]
    User(Id<kinds::User>),
    /// A course's.
    #[serde(rename = "course_id")]
    Course(Id<kinds::Course>),
    /// A video's.
    #[serde(rename = "video_id")]
    Video(Id<kinds::Video>),
}

impl PictureSubject {
    /// The attribute that holds it in an item, and what is written there.
    pub(super) fn attribute(self) -> (&'static str, String) {
        match self {
            Self::User(user) => ("user_id", user.to_string()),
            Self::Course(course) => ("course_id", course.to_string()),
            Self::Video(video) => ("video_id", video.to_string()),
        }
    }
}

/// What became of the uploads of the pictures of a `K`. Identifiers of pictures are in the order of their uploads' beginnings, and only a later one
/// replaces what is decided here: events may come twice, late and out of order.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct ShownPicture<K: Pictured> {
    /// Whose picture.
    #[serde(flatten)]
    pub subject: PictureSubject,
    /// The last upload that was decided, or the last wish of the owner that no upload of before may undo.
    pub decided: Id<kinds::Picture>,
    /// What there is of the uploads: it is shown, unless the owner wished for something else since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Id<kinds::Picture>>,
    /// Why `decided` was refused; what was shown before stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<PictureRefusal>,
    /// Last change.
    pub updated_at: Timestamp,
    #[serde(skip)]
    kind: PhantomData<fn() -> K>,
}

/// A person's picture.
pub type ProfilePicture = ShownPicture<kinds::User>;
/// A course's picture.
pub type CourseThumbnail = ShownPicture<kinds::Course>;
/// The picture that an owner has uploaded for a video.
pub type VideoThumbnail = ShownPicture<kinds::Video>;

impl<K: Pictured> fmt::Debug for ShownPicture<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(K::TYPE)
            .field("subject", &self.subject)
            .field("decided", &self.decided)
            .field("shown", &self.shown)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl<K: Pictured> ShownPicture<K> {
    /// The key of its item.
    pub fn key_of(owner: Id<K>) -> Key {
        K::picture_key(owner)
    }

    /// The folder of its owner's uploads in the uploads bucket.
    pub fn upload_folder(owner: Id<K>) -> String {
        format!("{}{owner}/", K::UPLOADED)
    }

    /// The key of an upload in the uploads bucket.
    pub fn upload_key(owner: Id<K>, id: Id<kinds::Picture>) -> String {
        format!("{}{id}", Self::upload_folder(owner))
    }

    /// The folder of its owner in the media bucket.
    pub fn folder(owner: Id<K>) -> String {
        format!("{}{owner}/", K::SHOWN)
    }

    /// The key of what is shown in the media bucket; with a slash before it, its path at the distribution.
    pub fn object_key(owner: Id<K>, id: Id<kinds::Picture>) -> String {
        format!("{}{id}.jpg", Self::folder(owner))
    }

    /// Which picture an object of the owner's folder is.
    pub fn of_object(owner: Id<K>, key: &str) -> Option<Id<kinds::Picture>> {
        key.strip_prefix(&Self::folder(owner))?.strip_suffix(".jpg")?.parse().ok()
    }

    /// The change of its item after which this is what was decided; it makes the item where there is none.
    pub(super) fn deciding(owner: Id<K>, id: Id<kinds::Picture>, now: Timestamp) -> Update {
        let (name, subject) = K::subject(owner).attribute();
        let update = Update::upsert::<Self>(Self::key_of(owner)).set(name, subject);
        update.set("decided", id).set("updated_at", now)
    }
}

impl<K: Pictured> Entity for ShownPicture<K> {
    const TABLE: Table = K::TABLE;
    const TYPE: &'static str = K::TYPE;

    fn key(&self) -> Key {
        match self.subject {
            PictureSubject::User(user) => kinds::User::picture_key(user),
            PictureSubject::Course(course) => kinds::Course::picture_key(course),
            PictureSubject::Video(video) => kinds::Video::picture_key(video),
        }
    }
}

/// What an upload, or a removal, comes to.
#[derive(Clone, Debug)]
pub enum PictureDecision {
    /// It is shown from now on, under this address ([`Pictured::address`]).
    Shown(String),
    /// It is not, for this reason; what was shown stays.
    Refused(PictureRefusal),
    /// Nothing is shown from now on.
    Removed,
}

/// The uploaded pictures.
pub struct Pictures<'a>(pub(super) &'a Store);

impl Store {
    /// The uploaded pictures.
    pub fn pictures(&self) -> Pictures<'_> {
        Pictures(self)
    }
}

impl Pictures<'_> {
    /// What became of the uploads for a person, a course or a video; `None` before the first was decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of<K: Pictured>(&self, owner: Id<K>) -> Result<Option<ShownPicture<K>>, StoreError> {
        self.0.get(K::picture_key(owner), Consistency::Strong).await
    }

    /// Decides an upload or a removal in one transaction with the address of the picture in its owner's item; `false` when a later one was
    /// decided before, or this one was, or the owner is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide<K: Pictured>(
        &self,
        owner: Id<K>,
        id: Id<kinds::Picture>,
        decision: &PictureDecision,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let later = Condition::NotExists.or(Condition::compare("decided", "<", id));
        let picture = ShownPicture::deciding(owner, id, now).when(later);
        let (picture, address) = match decision {
            PictureDecision::Shown(address) => {
                (picture.set("shown", id).remove("refusal"), Some(address.as_str()))
            }
            PictureDecision::Refused(reason) => (picture.set("refusal", reason), None),
            PictureDecision::Removed => (picture.remove("shown").remove("refusal"), Some("")),
        };
        let transaction = self.0.transaction().update("picture", picture);
        let transaction = match address {
            Some(address) => transaction.update("owner", K::showing(owner, address, now).when(K::is_there())),
            None => transaction.check("owner", K::TABLE, K::owner_key(owner), K::is_there()),
        };
        happened(transaction.commit().await)
    }
}
