//! Pictures in S3: where a browser sends one, and what is shown.

use std::sync::Arc;

use api_views::{PictureTicket, UploadPicture};
use cloud::Objects;
use http_kit::ApiResult;
use kernel::{Id, Timestamp, id::kinds};
use store::entities::ProfilePicture;

use crate::Settings;

/// Pictures that are listed at once; a user has one, and for a moment two.
const LIST_MAX: i32 = 1_000;

/// The two buckets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pictures {
    objects: Objects,
    uploads: Arc<str>,
    media: Arc<str>,
}

impl Pictures {
    pub(crate) fn new(objects: Objects, settings: &Settings) -> Self {
        let Settings { uploads_bucket, media_bucket, .. } = settings;
        Self { objects, uploads: uploads_bucket.as_str().into(), media: media_bucket.as_str().into() }
    }

    /// Where to send the file.
    pub(crate) async fn ticket(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Picture>,
        new: UploadPicture,
        now: Timestamp,
    ) -> ApiResult<PictureTicket> {
        Ok(new.ticket(&self.objects, &self.uploads, user, id, now).await?)
    }

    /// Deletes what was shown of a user before this picture.
    pub(crate) async fn delete_before(&self, user: Id<kinds::User>, id: Id<kinds::Picture>) -> ApiResult<()> {
        let keys = self.objects.list(&self.media, &ProfilePicture::folder(user), LIST_MAX).await?;
        for key in keys {
            if ProfilePicture::of_object(user, &key).is_some_and(|shown| shown < id) {
                self.objects.delete(&self.media, &key).await?;
            }
        }
        Ok(())
    }
}
