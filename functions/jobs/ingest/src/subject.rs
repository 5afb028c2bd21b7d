//! Whose picture an upload is to become: the places and rules that differ between people and courses.

use std::path::Path;

use domain::picture::PictureHeader;
use kernel::{Id, Timestamp, id::kinds};
use media::Tools;
use store::{
    Store, StoreError,
    entities::{CourseThumbnail, ProfilePicture, picture::PictureDecision},
};

/// Whose picture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// A person's.
    User(Id<kinds::User>),
    /// A course's.
    Course(Id<kinds::Course>),
}

/// What was decided last, and what is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decided {
    pub(crate) decided: Id<kinds::Picture>,
    pub(crate) shown: Option<Id<kinds::Picture>>,
}

impl Subject {
    /// The key of an upload in the uploads bucket.
    pub(crate) fn upload_key(self, id: Id<kinds::Picture>) -> String {
        match self {
            Self::User(user) => ProfilePicture::upload_key(user, id),
            Self::Course(course) => CourseThumbnail::upload_key(course, id),
        }
    }

    /// The folder of what is shown in the media bucket.
    pub(crate) fn folder(self) -> String {
        match self {
            Self::User(user) => ProfilePicture::folder(user),
            Self::Course(course) => CourseThumbnail::folder(course),
        }
    }

    /// The key of what is shown in the media bucket.
    pub(crate) fn object_key(self, id: Id<kinds::Picture>) -> String {
        match self {
            Self::User(user) => ProfilePicture::object_key(user, id),
            Self::Course(course) => CourseThumbnail::object_key(course, id),
        }
    }

    /// Which picture an object of the folder is.
    pub(crate) fn of_object(self, key: &str) -> Option<Id<kinds::Picture>> {
        match self {
            Self::User(user) => ProfilePicture::of_object(user, key),
            Self::Course(course) => CourseThumbnail::of_object(course, key),
        }
    }

    /// What was decided last.
    pub(crate) async fn decided(self, store: &Store) -> Result<Option<Decided>, StoreError> {
        Ok(match self {
            Self::User(user) => {
                let found = store.pictures().of_user(user).await?;
                found.map(|found| Decided { decided: found.decided, shown: found.shown })
            }
            Self::Course(course) => {
                let found = store.thumbnails().of_course(course).await?;
                found.map(|found| Decided { decided: found.decided, shown: found.shown })
            }
        })
    }

    /// Decides an upload; a later one stays as it was decided.
    pub(crate) async fn decide(
        self,
        store: &Store,
        id: Id<kinds::Picture>,
        decision: &PictureDecision,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self {
            Self::User(user) => store.pictures().decide(user, id, decision, now).await,
            Self::Course(course) => store.thumbnails().decide(course, id, decision, now).await,
        }
    }

    /// Makes what is shown of a picture file.
    pub(crate) async fn encode(
        self,
        tools: &Tools,
        file: &Path,
        header: PictureHeader,
        out: &Path,
    ) -> Result<(), media::Error> {
        match self {
            Self::User(_) => media::avatar(tools, file, header, out).await,
            Self::Course(_) => media::thumbnail(tools, file, header, out).await,
        }
    }
}
