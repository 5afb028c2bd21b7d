//! An upload of another version of a video that is there already (seed 003, VideoVersion).

use domain::{
    version::{NUMBER_MAX, RETENTION},
    video::TranscodingStatus,
};

use super::{
    Sweep, Upload, Version, Video,
    pipeline::version_reminder,
    upload::{Uploads, counted},
};
use crate::{Condition, Entity as _, StoreError, TransactionError, Update, from_item};

/// Everything that an upload of another version of a video begins with. Its number is given when it begins.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The upload.
    pub upload: Upload,
    /// The version.
    pub version: Version,
    /// The reminder to look at it.
    pub sweep: Sweep,
    /// Uploads that the channel may begin in a week; none means unlimited.
    pub weekly_limit: Option<u64>,
}

impl NewVersion {
    fn numbered(&self, number: u32) -> Self {
        let mut new = self.clone();
        let key = Upload::object_key_of(new.upload.video_id, number, new.upload.id);
        (new.upload.version, new.version.version_number, new.sweep.version) = (number, number, number);
        (new.upload.object_key, new.version.source_object_key) = (key.clone(), key);
        new
    }
}

/// What became of the wish to upload another version.
#[derive(Clone, Debug)]
pub enum VersionBegun {
    /// It began with this upload, now or before: then this is another attempt at the same request.
    Begun(Box<Upload>),
    /// He owns no such video.
    NotFound,
    /// Another site shows the video.
    Elsewhere,
    /// No version plays yet, and the newest one is still sent or made.
    UnderWay,
    /// The week's uploads are used up.
    Quota,
    /// There are as many versions as there can be.
    TooMany,
}

/// How often the next number is tried, when other uploads of the same video take it first.
const NUMBERS: usize = 8;

/// What an action of the transaction is on.
#[derive(Clone, Copy, Debug)]
enum Met {
    Exists,
    Changed,
    UnderWay,
    Quota,
}

impl Uploads<'_> {
    /// Begins an upload of the next version of a video: the upload, its version, the week's count under its limit, the reminder and the video's
    /// newest number, in one transaction of five actions; six where none plays yet, whose newest version must have failed: a version that is
    /// neither played nor replaced by another one would never go. A read before it, and another round when somebody took the number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_version(&self, new: &NewVersion) -> Result<VersionBegun, StoreError> {
        let (video_id, owner, begun) = (new.upload.video_id, new.upload.user_id, new.upload.created_at);
        for _ in 0..NUMBERS {
            let Some(video) = self.0.videos().own(video_id, owner).await? else {
                return Ok(VersionBegun::NotFound);
            };
            if video.link.is_some() {
                return Ok(VersionBegun::Elsewhere);
            }
            if video.latest_version >= NUMBER_MAX {
                return Ok(VersionBegun::TooMany);
            }
            let new = new.numbered(video.latest_version + 1);
            let next = Update::of::<Video>(video.key())
                .set("latest_version", new.version.version_number)
                .set("updated_at", begun)
                .when(Video::owned_by(owner))
                .when(Condition::HasNot("link"))
                .when(Condition::equals("latest_version", video.latest_version));
            let transaction = self
                .0
                .transaction()
                // First, since a retry must hear of itself, not of its own count.
                .put_new(Met::Exists, &new.upload)
                .put_new(Met::Changed, &new.version)
                .put(Met::Changed, &new.sweep);
            let transaction = match video.active_version {
                Some(_) => transaction.update(Met::Changed, next.when(Condition::Has("active_version"))),
                None => {
                    let failed = Condition::equals("transcoding_status", TranscodingStatus::Failed);
                    let before = Version::key_of(video_id, video.latest_version);
                    let reminder = version_reminder(video_id, video.latest_version, begun + RETENTION);
                    transaction
                        .update(Met::Changed, next.when(Condition::HasNot("active_version")))
                        .check(Met::UnderWay, Version::TABLE, before, failed)
                        .put(Met::Changed, &reminder)
                }
            };
            match transaction.update(Met::Quota, counted(&new.upload, new.weekly_limit)).commit().await {
                Ok(()) => return Ok(VersionBegun::Begun(Box::new(new.upload))),
                Err(TransactionError::Failed { label: Met::Exists, item: Some(item) }) => {
                    return Ok(VersionBegun::Begun(Box::new(from_item(*item)?)));
                }
                Err(TransactionError::Failed { label: Met::UnderWay, .. }) => {
                    return Ok(VersionBegun::UnderWay);
                }
                Err(TransactionError::Failed { label: Met::Quota, .. }) => return Ok(VersionBegun::Quota),
                Err(TransactionError::Failed { .. }) => {}
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
