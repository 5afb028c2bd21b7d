//! A course's picture: which upload is shown, and why the last one was refused.

use domain::picture::PictureRefusal;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{
    course::Course,
    picture::{PictureDecision, decided},
};
use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, Update, transaction::happened};

/// What became of the uploads of a course's picture, as [`super::ProfilePicture`] of a person's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CourseThumbnail {
    /// Whose picture.
    pub course_id: Id<kinds::Course>,
    /// The last upload that was decided.
    pub decided: Id<kinds::Picture>,
    /// What is shown of the uploads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Id<kinds::Picture>>,
    /// Why `decided` was refused; what was shown before stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<PictureRefusal>,
    /// Last change.
    pub updated_at: Timestamp,
}

/// What the paths of uploaded pictures begin with in the media bucket.
pub const SHOWN_FOLDER: &str = "posters/courses/";

impl CourseThumbnail {
    /// The key of a course's picture.
    pub fn key_of(course: Id<kinds::Course>) -> Key {
        Key::new(Course::partition(course), "THUMBNAIL")
    }

    /// The folder of a course's uploads in the uploads bucket.
    pub fn upload_folder(course: Id<kinds::Course>) -> String {
        format!("pictures/courses/{course}/")
    }

    /// The key of an upload in the uploads bucket.
    pub fn upload_key(course: Id<kinds::Course>, id: Id<kinds::Picture>) -> String {
        format!("{}{id}", Self::upload_folder(course))
    }

    /// The folder of a course in the media bucket.
    pub fn folder(course: Id<kinds::Course>) -> String {
        format!("{SHOWN_FOLDER}{course}/")
    }

    /// The key of what is shown in the media bucket; with a slash before it, its path at the distribution.
    pub fn object_key(course: Id<kinds::Course>, id: Id<kinds::Picture>) -> String {
        format!("{}{id}.jpg", Self::folder(course))
    }

    /// Which picture an object of a course's folder is.
    pub fn of_object(course: Id<kinds::Course>, key: &str) -> Option<Id<kinds::Picture>> {
        key.strip_prefix(&Self::folder(course))?.strip_suffix(".jpg")?.parse().ok()
    }
}

impl Entity for CourseThumbnail {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "course_thumbnail";

    fn key(&self) -> Key {
        Self::key_of(self.course_id)
    }
}

/// The pictures of courses.
pub struct Thumbnails<'a>(&'a Store);

impl Store {
    /// The pictures of courses.
    pub fn thumbnails(&self) -> Thumbnails<'_> {
        Thumbnails(self)
    }
}

impl Thumbnails<'_> {
    /// A course's picture; `None` before the first upload was decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_course(&self, course: Id<kinds::Course>) -> Result<Option<CourseThumbnail>, StoreError> {
        self.0.get(CourseThumbnail::key_of(course), Consistency::Strong).await
    }

    /// Decides an upload in one transaction with the course's address of its picture; `false` when a later one was decided before,
    /// or this one was, or the course is deleted. The course gets a new revision: an edit of its instructor that runs at the same
    /// time is planned again, and does not bring the old picture back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Picture>,
        decision: &PictureDecision,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (picture, address) =
            decided::<CourseThumbnail>(CourseThumbnail::key_of(course), id, decision, now);
        let picture = picture.set("course_id", course);
        let exists = Condition::Exists.and(Condition::HasNot("deleted_at"));
        let transaction = self.0.transaction().update("picture", picture);
        let key = Course::key_of(course);
        let transaction = match address {
            Some(address) => {
                let update = Update::of::<Course>(key).set("thumbnail", address).add("revision", 1);
                transaction.update("course", update.set("updated_at", now).when(exists))
            }
            None => transaction.check("course", Table::Catalog, key, exists),
        };
        happened(transaction.commit().await)
    }
}
