//! Uploads of pictures: of people, courses and videos.

use std::collections::BTreeMap;

use cloud::{Objects, objects::ObjectError};
use domain::picture::{MAX_BYTES, PictureFormat, URL_LIFE};
use garde::Validate;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Pictured, ShownPicture};

/// A picture that is going to be uploaded.
#[derive(Clone, Copy, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadPicture {
    /// What it is.
    #[garde(skip)]
    pub content_type: PictureFormat,
    /// Exact bytes, at most 5 MiB.
    #[garde(range(min = 1, max = MAX_BYTES))]
    #[schema(example = 248_113)]
    pub size: u64,
}

/// Where to send the picture.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PictureTicket {
    picture_id: Id<kinds::Picture>,
    /// PUT the file here, with `headers`.
    upload_url: String,
    /// Headers that the PUT must have: they are signed.
    #[schema(example = json!({"content-type": "image/jpeg"}))]
    headers: BTreeMap<&'static str, &'static str>,
    /// When the URL stops working.
    expires_at: Timestamp,
}

impl UploadPicture {
    /// The ticket of this upload of a picture of a person, a course or a video: its URL takes a file of exactly this size and type into the uploads bucket.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn ticket<K: Pictured>(
        self,
        objects: &Objects,
        uploads_bucket: &str,
        owner: Id<K>,
        id: Id<kinds::Picture>,
        now: Timestamp,
    ) -> Result<PictureTicket, ObjectError> {
        let (key, kind) = (ShownPicture::upload_key(owner, id), self.content_type.content_type());
        let life = URL_LIFE.unsigned_abs();
        let upload_url = objects.presign_put(uploads_bucket, &key, kind, self.size, life).await?;
        let headers = BTreeMap::from([("content-type", kind)]);
        Ok(PictureTicket { picture_id: id, upload_url, headers, expires_at: now + URL_LIFE })
    }
}

/// What became of the uploads.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ThumbnailState {
    /// The picture as everybody sees it; empty for none.
    #[schema(
        example = "https://learn.example/posters/courses/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/01933b7a-3c5e-7000-8000-4f2d1c9a7b11.jpg"
    )]
    thumbnail: String,
    /// The upload that was decided last, or what was chosen instead since; null before the first.
    picture_id: Option<Id<kinds::Picture>>,
    /// Why it was refused; null where it was not.
    error: Option<String>,
}

impl ThumbnailState {
    /// The state of the uploads, where any was decided, and the absolute address of what is shown.
    pub fn new<K: Pictured>(thumbnail: String, decided: Option<&ShownPicture<K>>) -> Self {
        Self {
            thumbnail,
            picture_id: decided.map(|decided| decided.decided),
            error: decided.and_then(|decided| decided.refusal.as_ref()).map(ToString::to_string),
        }
    }
}
