//! Pictures in S3: where a browser sends one, and what is shown.

use std::sync::Arc;

use cloud::Objects;
use domain::picture::{PictureFormat, URL_LIFE};
use http_kit::ApiResult;
use kernel::{Id, id::kinds};
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

    /// The URL that takes the file, of exactly this size and type.
    pub(crate) async fn put_url(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Picture>,
        format: PictureFormat,
        size: u64,
    ) -> ApiResult<String> {
        let key = ProfilePicture::upload_key(user, id);
        let life = URL_LIFE.unsigned_abs();
        Ok(self.objects.presign_put(&self.uploads, &key, format.content_type(), size, life).await?)
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
