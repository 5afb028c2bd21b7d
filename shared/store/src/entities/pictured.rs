//! What pictures can be uploaded for: people, courses and videos, each with its places, its shape, and the attribute of its item that holds the address.

use domain::{identity::UserStatus, picture::PictureShape};
use kernel::{Id, Timestamp, id::kinds};

use super::{
    course::Course,
    picture::{PictureSubject, Pictures, VideoThumbnail},
    user::User,
    video::Video,
};
use crate::{Condition, Key, StoreError, Table, Update, transaction::happened};

/// What a picture can be uploaded for; its item and the item of its pictures are in one table.
pub trait Pictured: Sized + 'static {
    /// The table of both items.
    const TABLE: Table;
    /// The type of the item of its pictures.
    const TYPE: &'static str;
    /// What the keys of uploads begin with in the uploads bucket.
    const UPLOADED: &'static str;
    /// What the keys of shown pictures begin with in the media bucket.
    const SHOWN: &'static str;
    /// What is made of an upload.
    const SHAPE: PictureShape;

    /// It, as a subject of pictures.
    fn subject(owner: Id<Self>) -> PictureSubject;

    /// The key of the item of its pictures.
    fn picture_key(owner: Id<Self>) -> Key;

    /// The key of its own item.
    fn owner_key(owner: Id<Self>) -> Key;

    /// The condition of its own item that it is there to be shown.
    fn is_there() -> Condition;

    /// The change of its own item by which the picture at this address is shown; an empty one shows none.
    fn showing(owner: Id<Self>, address: &str, now: Timestamp) -> Update;

    /// The address that its item gets for an object of the media bucket. `base` is the address of the distribution, without a slash at its end.
    fn address(base: &str, object: &str) -> String {
        format!("{base}/{object}")
    }
}

impl Pictured for kinds::User {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "profile_picture";
    const UPLOADED: &'static str = "pictures/";
    const SHOWN: &'static str = "avatars/";
    const SHAPE: PictureShape = PictureShape::Square;

    fn subject(owner: Id<Self>) -> PictureSubject {
        PictureSubject::User(owner)
    }

    fn picture_key(owner: Id<Self>) -> Key {
        Key::new(format!("USER#{owner}"), "PICTURE")
    }

    fn owner_key(owner: Id<Self>) -> Key {
        User::key_of(owner)
    }

    fn is_there() -> Condition {
        Condition::one_of("status", [UserStatus::Active, UserStatus::Suspended])
    }

    fn showing(owner: Id<Self>, address: &str, now: Timestamp) -> Update {
        Update::of::<User>(Self::owner_key(owner)).set("avatar_url", address).set("updated_at", now)
    }
}

impl Pictured for kinds::Course {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "course_thumbnail";
    const UPLOADED: &'static str = "pictures/courses/";
    const SHOWN: &'static str = "posters/courses/";
    const SHAPE: PictureShape = PictureShape::Wide;

    fn subject(owner: Id<Self>) -> PictureSubject {
        PictureSubject::Course(owner)
    }

    fn picture_key(owner: Id<Self>) -> Key {
        Key::new(Course::partition(owner), "THUMBNAIL")
    }

    fn owner_key(owner: Id<Self>) -> Key {
        Course::key_of(owner)
    }

    fn is_there() -> Condition {
        Condition::Exists.and(Condition::HasNot("deleted_at"))
    }

    /// The course gets a new revision: an edit of its instructor that runs at the same time is planned again, and does not bring the old picture back.
    fn showing(owner: Id<Self>, address: &str, now: Timestamp) -> Update {
        let update = Update::of::<Course>(Self::owner_key(owner)).set("thumbnail", address);
        update.add("revision", 1).set("updated_at", now)
    }
}

impl Pictured for kinds::Video {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "video_thumbnail";
    const UPLOADED: &'static str = "pictures/videos/";
    const SHOWN: &'static str = "posters/videos/";
    const SHAPE: PictureShape = PictureShape::Wide;

    fn subject(owner: Id<Self>) -> PictureSubject {
        PictureSubject::Video(owner)
    }

    fn picture_key(owner: Id<Self>) -> Key {
        Key::new(Video::partition(owner), "THUMBNAIL")
    }

    fn owner_key(owner: Id<Self>) -> Key {
        Video::key_of(owner)
    }

    fn is_there() -> Condition {
        Video::is_there()
    }

    /// It stands beside the picture out of the film (`thumbnail_path`), which versions change: a switch of versions leaves it as it is.
    fn showing(owner: Id<Self>, address: &str, now: Timestamp) -> Update {
        let update = Update::of::<Video>(Self::owner_key(owner)).set("updated_at", now);
        match address {
            "" => update.remove("uploaded_thumbnail"),
            path => update.set("uploaded_thumbnail", path),
        }
    }

    /// A path, as that of the pictures out of a film.
    fn address(_base: &str, object: &str) -> String {
        format!("/{object}")
    }
}

impl Pictures<'_> {
    /// An uploaded picture stands for its video again, in one transaction with the mark that no upload of before `choice` undoes that. `None` when there
    /// is another upload by now, or the video is not this owner's any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn choose(
        &self,
        video: &Video,
        picture: Id<kinds::Picture>,
        choice: Id<kinds::Picture>,
        now: Timestamp,
    ) -> Result<Option<Video>, StoreError> {
        let path = kinds::Video::address("", &VideoThumbnail::object_key(video.id, picture));
        let kept = VideoThumbnail::deciding(video.id, choice, now)
            .remove("refusal")
            .when(Condition::equals("shown", picture));
        let shown = kinds::Video::showing(video.id, &path, now).when(Video::owned_by(video.owner_id));
        let transaction = self.0.transaction().update("picture", kept).update("video", shown);
        let chosen = happened(transaction.commit().await)?;
        Ok(chosen.then(|| Video { uploaded_thumbnail: Some(path), updated_at: now, ..video.clone() }))
    }
}
