//! Uploads of pictures: of people and of courses.

use std::collections::BTreeMap;

use domain::picture::{MAX_BYTES, PictureFormat, URL_LIFE};
use garde::Validate;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

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

impl PictureTicket {
    /// The ticket of a picture whose URL was signed at `now`.
    pub fn new(id: Id<kinds::Picture>, upload_url: String, format: PictureFormat, now: Timestamp) -> Self {
        let headers = BTreeMap::from([("content-type", format.content_type())]);
        Self { picture_id: id, upload_url, headers, expires_at: now + URL_LIFE }
    }
}
