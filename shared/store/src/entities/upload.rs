//! One upload of a source file.

mod week;

use domain::{
    course::{CourseStatus, LessonKind},
    sweep::SweepKind,
    upload::{UploadMode, UploadStatus},
    video::{TranscodingStatus, VideoStatus},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use week::WeeklyUploads;
pub(crate) use week::counted;
use week::uncounted;

use super::{
    Course, Lesson, LessonPlace, SectionPlace, Sweep, Version, Video, pipeline::version_reminder,
    video::count_tags,
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Store, StoreError, Table, Transaction, TransactionError,
    Update, from_item,
};

/// An upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Identifier.
    pub id: Id<kinds::Upload>,
    /// Who uploads.
    pub user_id: Id<kinds::User>,
    /// His channel.
    pub channel_id: Id<kinds::Channel>,
    /// The video that the file becomes.
    pub video_id: Id<kinds::Video>,
    /// The version of the video.
    pub version: u32,
    /// The object's key in the uploads bucket, made by the server.
    pub object_key: String,
    /// The file's name on the user's machine.
    pub filename: String,
    /// Content type that the file must be sent with.
    pub content_type: String,
    /// Exact bytes.
    pub size_bytes: u64,
    /// One PUT, or parts.
    pub mode: UploadMode,
    /// S3's id of the multipart upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multipart_id: Option<String>,
    /// Bytes of each part but the last.
    #[serde(default)]
    pub part_size: u64,
    /// State.
    pub status: UploadStatus,
    /// The week whose count it is in ([`WeeklyUploads`]).
    pub week: String,
    /// When it is given up.
    pub valid_until: Timestamp,
    /// Begin.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Upload {
    /// The key of an upload.
    pub fn key_of(id: Id<kinds::Upload>) -> Key {
        Key::new(format!("UPLOAD#{id}"), "UPLOAD")
    }

    /// The object's key in the uploads bucket. Its last part alone finds the upload.
    pub fn object_key_of(video: Id<kinds::Video>, version: u32, upload: Id<kinds::Upload>) -> String {
        format!("uploads/{video}/{version}/{upload}")
    }

    /// The reminder to remove what S3 holds of it, for the time when it was given up: with its video, or with its version of one that plays.
    pub fn purge(&self, due_at: Timestamp) -> Sweep {
        if self.version > 1 {
            return version_reminder(self.video_id, self.version, due_at);
        }
        Sweep {
            kind: SweepKind::Purge,
            due_at,
            subject: self.video_id.to_string(),
            video_id: Some(self.video_id),
            version: self.version,
            upload_id: Some(self.id),
            user_id: Some(self.user_id),
            attempt: 0,
        }
    }
}

impl Entity for Upload {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "upload";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    /// Index 1 finds the uploads of a user for his export and his erasure.
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("USER#{}", self.user_id), format!("UPLOAD#{}", self.id))]
    }
}

/// A thing of the catalogue that an upload is for, and that must be its instructor's when it begins.
#[derive(Clone, Debug)]
pub enum UploadPlace {
    /// Only the channel.
    Channel,
    /// A section of a course.
    Section(SectionPlace),
    /// A lesson, which from then on shows this video instead of the one that it had.
    Lesson {
        /// The lesson.
        place: LessonPlace,
        /// Its video until now.
        before: Option<Id<kinds::Video>>,
        /// Whether that video knows of the lesson, and must forget it.
        detach: bool,
    },
}

/// Everything that an upload begins with.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The upload.
    pub upload: Upload,
    /// The video that it makes.
    pub video: Video,
    /// Its first version.
    pub version: Version,
    /// The reminder to look at it.
    pub sweep: Sweep,
    /// Where it belongs.
    pub place: UploadPlace,
    /// Uploads that the channel may begin in a week; none means unlimited.
    pub weekly_limit: Option<u64>,
}

/// Why an upload did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginRefused {
    /// It began before: this is another attempt at the same request.
    Exists,
    /// The week's uploads are used up.
    Quota,
    /// The section or lesson is gone, or not this instructor's.
    Place,
    /// The lesson's course is published: its students would find a lesson without a video.
    Published,
    /// The lesson shows another video than it did when it was read, or none can be in it.
    Lesson,
}

/// What became of the word that an upload is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It is complete now, or was before.
    Done,
    /// It was aborted.
    Aborted,
    /// The video was deleted.
    VideoGone,
}

/// What became of the wish to abort an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abortion {
    /// It is aborted now, or was before.
    Done,
    /// The file arrived before.
    Completed,
}

/// The uploads.
pub struct Uploads<'a>(pub(crate) &'a Store);

impl Store {
    /// The uploads.
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads(self)
    }
}

impl Uploads<'_> {
    /// The upload by its id: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Upload>) -> Result<Option<Upload>, StoreError> {
        self.0.get(Upload::key_of(id), Consistency::Strong).await
    }

    /// Begins an upload: the upload, its video and version, the week's count under its limit, the reminder and the lesson, in
    /// one transaction of five to eight actions; `Some` says why not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self, new: &NewUpload) -> Result<Option<BeginRefused>, StoreError> {
        let NewUpload { upload, video, version, .. } = new;
        let begun = upload.created_at;
        let transaction = self
            .0
            .transaction()
            // First, since the first condition that fails is the one that is told: a retry must hear of itself, not of its own count.
            .put_new(BeginRefused::Exists, upload)
            .put_new(BeginRefused::Exists, video)
            .put_new(BeginRefused::Exists, version)
            .put(BeginRefused::Exists, &new.sweep);
        let transaction = match &new.place {
            UploadPlace::Channel => transaction,
            UploadPlace::Section(place) => transaction.check(
                BeginRefused::Place,
                SectionPlace::TABLE,
                place.key(),
                Condition::equals("instructor_id", upload.user_id)
                    .and(Condition::equals("course_id", place.course_id)),
            ),
            UploadPlace::Lesson { place, before, detach } => {
                let same_video = match before {
                    None => Condition::HasNot("video_id"),
                    Some(before) => Condition::equals("video_id", before),
                };
                let lesson = change_lesson(place.course_id, place.lesson_id, begun)
                    .set("video_id", video.id)
                    .when(Condition::equals("kind", LessonKind::Video))
                    .when(same_video);
                let course = change_course(place.course_id, upload.user_id, begun)
                    .when(Condition::equals("status", CourseStatus::Draft));
                let transaction =
                    transaction.update(BeginRefused::Published, course).update(BeginRefused::Lesson, lesson);
                match before.filter(|_| *detach) {
                    None => transaction,
                    Some(before) => {
                        let free = Update::of::<Video>(Video::key_of(before))
                            .remove("lesson_id")
                            .set("updated_at", begun)
                            .when(Condition::equals("lesson_id", place.lesson_id));
                        transaction.update(BeginRefused::Lesson, free)
                    }
                }
            }
        };
        match transaction.update(BeginRefused::Quota, counted(upload, new.weekly_limit)).commit().await {
            Ok(()) => Ok(None),
            Err(TransactionError::Failed { label: BeginRefused::Published, item }) => {
                let course: Option<Course> = item.map(|item| from_item(*item)).transpose()?;
                let published = course.is_some_and(|course| course.status == CourseStatus::Published);
                Ok(Some(if published { BeginRefused::Published } else { BeginRefused::Place }))
            }
            Err(TransactionError::Failed { label, .. }) => Ok(Some(label)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Remembers S3's id of a multipart upload; where another attempt was faster, gives the upload with that one's id.
    /// `None` when the upload is not open any more. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_multipart(
        &self,
        id: Id<kinds::Upload>,
        multipart_id: &str,
    ) -> Result<Option<Upload>, StoreError> {
        let update = Update::of::<Upload>(Upload::key_of(id))
            .set("multipart_id", multipart_id)
            .when(Condition::HasNot("multipart_id"))
            .when(Condition::equals("status", UploadStatus::Open));
        match self.0.update(update).await {
            Ok(item) => from_item(item).map(Some),
            Err(StoreError::ConditionFailed(Some(item))) => {
                Ok(Some(from_item(*item)?).filter(|upload: &Upload| upload.status == UploadStatus::Open))
            }
            Err(StoreError::ConditionFailed(None)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Marks an upload whose object exists as complete, and its version, and its video as UPLOADED if it still waits for the file (processing
    /// may have begun), with the reminder that finds a lost S3 event. One transaction, or two where processing was faster; a read
    /// before it for any version but the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn complete(
        &self,
        upload: &Upload,
        sweep: &Sweep,
        now: Timestamp,
    ) -> Result<Completion, StoreError> {
        let transaction = || {
            let done = Update::of::<Upload>(upload.key())
                .set("status", UploadStatus::Completed)
                .set("updated_at", now)
                .when(Condition::equals("status", UploadStatus::Open));
            self.0.transaction().update(Target::Upload, done).put(Target::Upload, sweep)
        };
        let arrived = Update::of::<Version>(Version::key_of(upload.video_id, upload.version))
            .set("uploaded_at", now)
            .set("updated_at", now)
            .when(Condition::equals("transcoding_status", TranscodingStatus::Pending));
        let key = Video::key_of(upload.video_id);
        let video: Option<Video> = match upload.version {
            1 => None,
            _ => self.0.get(key.clone(), Consistency::Strong).await?,
        };
        let whole = transaction();
        let whole = match video.is_none_or(|video| video.follows(upload.version)) {
            true => {
                // Of a video whose first version failed, the state is that failure until there is another file.
                let waits: &[VideoStatus] = match upload.version {
                    1 => &[VideoStatus::Pending],
                    _ => &[VideoStatus::Pending, VideoStatus::Failed],
                };
                let waits = Condition::one_of("status", waits);
                let uploaded =
                    Video::transition(upload.video_id, upload.channel_id, VideoStatus::Uploaded, now)
                        .set("error_reason", "")
                        .when(waits)
                        .when(Video::is_following(upload.version));
                whole.update(Target::Video, uploaded)
            }
            // Another version plays on.
            false => whole.check(Target::Video, Video::TABLE, key, Video::is_there()),
        };
        let mut met = self.commit(whole.update(Target::Version, arrived)).await?;
        if matches!(&met, Met::Version(_))
            || matches!(&met, Met::Video(Some(video)) if video.deleted_at.is_none())
        {
            // Processing was faster than this word.
            met = self.commit(transaction()).await?;
        }
        Ok(match met {
            Met::Nothing | Met::Upload(Some(UploadStatus::Completed)) => Completion::Done,
            Met::Video(_) => Completion::VideoGone,
            Met::Upload(_) | Met::Version(_) | Met::Count | Met::Lesson => Completion::Aborted,
        })
    }

    /// Gives an upload up: its state, the week's count, the video or the version that it would have made, and the lesson that shows this video, with
    /// the reminder to remove what S3 may hold of it. A read, and one transaction, so that the count is given back once; more
    /// where the video or the lesson changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn abort(
        &self,
        upload: &Upload,
        purge: &Sweep,
        now: Timestamp,
    ) -> Result<Abortion, StoreError> {
        // The video knows its lesson, wherever it was put since the upload began. One that its owner deleted may still be shown.
        let mut video: Option<Video> =
            self.0.get(Video::key_of(upload.video_id), Consistency::Strong).await?;
        let (mut counted, mut shown, mut kept) = (true, true, upload.version > 1);
        loop {
            let aborted = Update::of::<Upload>(upload.key())
                .set("status", UploadStatus::Aborted)
                .set("updated_at", now)
                .when(Condition::equals("status", UploadStatus::Open));
            let mut transaction =
                self.0.transaction().update(Target::Upload, aborted).put(Target::Upload, purge);
            if counted {
                transaction = transaction.update(Target::Count, uncounted(upload));
            }
            if kept {
                let given_up = Update::of::<Version>(Version::key_of(upload.video_id, upload.version))
                    .set("transcoding_status", TranscodingStatus::Failed)
                    .set("transcoding_error_message", "The upload was given up.")
                    .set("retired_at", now)
                    .set("updated_at", now)
                    .when(Condition::equals("transcoding_status", TranscodingStatus::Pending));
                transaction = transaction.update(Target::Version, given_up);
            }
            if let Some(video) = video.as_ref().filter(|_| upload.version == 1) {
                if video.deleted_at.is_none() {
                    let removal = Video::removal(video.id, &video.tags, now)
                        .when(Condition::equals("status", VideoStatus::Pending))
                        .when(Condition::equals("latest_version", upload.version))
                        .when(is_in(video.lesson_id));
                    transaction = transaction.update(Target::Video, removal);
                    transaction = count_tags(transaction, Target::Tag, (&video.tags, &[]), now);
                }
                if let Some((course, lesson)) = video.course_id.zip(video.lesson_id).filter(|_| shown) {
                    let emptied = change_lesson(course, lesson, now)
                        .remove("video_id")
                        .when(Condition::equals("video_id", video.id));
                    transaction = transaction
                        .update(Target::Lesson, change_course(course, upload.user_id, now))
                        .update(Target::Lesson, emptied);
                }
            }
            match self.commit(transaction).await? {
                Met::Nothing | Met::Upload(Some(UploadStatus::Aborted)) => return Ok(Abortion::Done),
                Met::Upload(_) => return Ok(Abortion::Completed),
                Met::Video(Some(seen)) if has_file(&seen, upload) => return Ok(Abortion::Completed),
                // Its owner deleted it, or put it into another lesson.
                Met::Video(seen) => (video, shown) = (seen.map(|seen| *seen), true),
                Met::Version(true) => return Ok(Abortion::Completed),
                // Its video is gone.
                Met::Version(false) => kept = false,
                // It is so old that TTL took the week's count.
                Met::Count => counted = false,
                // The lesson is gone, or shows another video by now.
                Met::Lesson => shown = false,
            }
        }
    }

    async fn commit(&self, transaction: Transaction<'_, Target>) -> Result<Met, StoreError> {
        let (label, item) = match transaction.commit().await {
            Ok(()) => return Ok(Met::Nothing),
            Err(TransactionError::Failed { label, item }) => (label, item),
            Err(TransactionError::Store(error)) => return Err(error),
        };
        Ok(match label {
            Target::Upload => {
                let upload: Option<Upload> = item.map(|item| from_item(*item)).transpose()?;
                Met::Upload(upload.map(|upload| upload.status))
            }
            Target::Video => Met::Video(item.map(|item| from_item(*item).map(Box::new)).transpose()?),
            Target::Version => Met::Version(item.is_some()),
            Target::Count | Target::Tag => Met::Count,
            Target::Lesson => Met::Lesson,
        })
    }
}

/// What an action of a transaction is on.
#[derive(Clone, Copy, Debug)]
enum Target {
    Upload,
    Video,
    Version,
    Count,
    Lesson,
    /// Whose count has no condition.
    Tag,
}

/// What a transaction did not expect; [`Met::Nothing`] when it happened.
#[derive(Debug)]
enum Met {
    Nothing,
    Upload(Option<UploadStatus>),
    Video(Option<Box<Video>>),
    /// Whether there is one.
    Version(bool),
    Count,
    Lesson,
}

fn is_in(lesson: Option<Id<kinds::Lesson>>) -> Condition {
    match lesson {
        Some(lesson) => Condition::equals("lesson_id", lesson),
        None => Condition::HasNot("lesson_id"),
    }
}

/// A video that has its file, of this upload or of a later one, is not given up with the upload.
fn has_file(video: &Video, upload: &Upload) -> bool {
    let waits = video.status == VideoStatus::Pending && video.latest_version == upload.version;
    video.deleted_at.is_none() && !waits
}

/// Every change of a lesson is one of its course, which must be this instructor's.
fn change_course(course: Id<kinds::Course>, instructor: Id<kinds::User>, now: Timestamp) -> Update {
    Update::of::<Course>(Course::key_of(course))
        .add("revision", 1)
        .set("updated_at", now)
        .when(Condition::equals("instructor_id", instructor))
        .when(Condition::HasNot("deleted_at"))
}

fn change_lesson(course: Id<kinds::Course>, lesson: Id<kinds::Lesson>, now: Timestamp) -> Update {
    Update::of::<Lesson>(Lesson::key_of(course, lesson)).set("updated_at", now).when(Condition::Exists)
}
