//! Files of lessons in the uploads bucket.

use std::sync::Arc;

use api_views::{PictureTicket, UploadPicture};
use cloud::{Objects, objects::ObjectError};
use course_document::FileReference;
use domain::course::resource::{
    ATTACH_WITHIN, DOWNLOAD_URL_LIFE, MAX_BYTES, NAME_MAX, UPLOAD_URL_LIFE, attachment, is_name_of, is_taken,
};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::Resource;

use crate::fields::not_blank;

/// The uploads bucket. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Files {
    objects: Objects,
    bucket: Arc<str>,
}

/// An uploaded file that a lesson gets.
#[derive(Clone, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewResource {
    /// As the upload's ticket gave it.
    #[garde(skip)]
    pub(crate) resource_id: Id<kinds::Resource>,
    /// What students read.
    #[garde(length(chars, max = NAME_MAX), custom(not_blank))]
    #[schema(example = "Slides of the first week")]
    pub(crate) title: String,
    /// The name under which it is saved, with an ending that fits its type.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[schema(example = "slides-1.pdf")]
    pub(crate) file_name: String,
}

/// A file of a lesson.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ResourceView {
    id: Id<kinds::Resource>,
    #[schema(example = "Slides of the first week")]
    title: String,
    #[schema(example = "slides-1.pdf")]
    file_name: String,
    #[schema(example = "application/pdf")]
    content_type: String,
    /// Bytes.
    #[schema(example = 248_113)]
    size: u64,
    added_at: Timestamp,
}

impl From<Resource> for ResourceView {
    fn from(file: Resource) -> Self {
        Self {
            id: file.id,
            title: file.title,
            file_name: file.file_name,
            content_type: file.content_type,
            size: file.size,
            added_at: file.added_at,
        }
    }
}

impl Files {
    pub(crate) fn new(objects: Objects, bucket: &str) -> Self {
        Self { objects, bucket: bucket.into() }
    }

    /// The URL that takes a file of exactly this size and type.
    pub(crate) async fn put_url(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Resource>,
        content_type: &str,
        size: u64,
    ) -> ApiResult<String> {
        let (key, life) = (Resource::object_key(course, id), UPLOAD_URL_LIFE.unsigned_abs());
        Ok(self.objects.presign_put(&self.bucket, &key, content_type, size, life).await?)
    }

    /// The URL that gives a file, as an attachment only.
    pub(crate) async fn get_url(&self, course: Id<kinds::Course>, file: &Resource) -> ApiResult<String> {
        let key = Resource::object_key(course, file.id);
        let (disposition, life) = (attachment(&file.file_name), DOWNLOAD_URL_LIFE.unsigned_abs());
        Ok(self.objects.presign_attachment(&self.bucket, &key, &disposition, life).await?)
    }

    /// The uploaded file as a lesson gets it: size and type are what S3 says. One call of S3.
    ///
    /// # Errors
    /// 409 when it has not arrived or its time is over, 422 when its name does not fit its type.
    pub(crate) async fn arrived(
        &self,
        platform: &Platform,
        course: Id<kinds::Course>,
        new: &NewResource,
    ) -> ApiResult<Resource> {
        let now = platform.ambient().now();
        let in_time = Resource::begun_at(new.resource_id).is_some_and(|begun| now < begun + ATTACH_WITHIN);
        if !in_time {
            return Err(not_uploaded());
        }
        let key = Resource::object_key(course, new.resource_id);
        let head = match self.objects.head(&self.bucket, &key).await {
            Ok(head) => head,
            Err(ObjectError::NotFound) => return Err(not_uploaded()),
            Err(error) => return Err(error.into()),
        };
        let content_type = head.content_type.unwrap_or_default();
        // The signed URL lets in nothing else; an operator's hand might.
        if !is_taken(&content_type) || !(1..=MAX_BYTES).contains(&head.size) {
            return Err(not_uploaded());
        }
        if !is_name_of(&content_type, &new.file_name) {
            let message =
                "must have the ending of its type, such as slides.pdf, and none of / \\ : * ? \" < > |";
            return Err(ApiError::invalid("file_name", message));
        }
        Ok(Resource {
            id: new.resource_id,
            title: new.title.trim().to_owned(),
            file_name: new.file_name.clone(),
            content_type,
            size: head.size,
            added_at: now,
        })
    }
}

/// How long the links of an export work.
const EXPORT_URL_LIFE: std::time::Duration = std::time::Duration::from_secs(3600);

impl Files {
    /// Where to send a course's picture.
    pub(crate) async fn picture_ticket(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Picture>,
        new: UploadPicture,
        now: Timestamp,
    ) -> ApiResult<PictureTicket> {
        Ok(new.ticket(&self.objects, &self.bucket, course, id, now).await?)
    }

    /// The URL that gives the source file of a video.
    pub(crate) async fn source_url(&self, key: &str) -> ApiResult<String> {
        Ok(self.objects.presign_get(&self.bucket, key, None, EXPORT_URL_LIFE).await?)
    }

    /// Copies a file within the bucket; `false` where it is gone.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<bool, ObjectError> {
        match self.objects.copy(&self.bucket, from, to).await {
            Ok(()) => Ok(true),
            Err(ObjectError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The URL that gives a file of an exported course.
    pub(crate) async fn archive_url(
        &self,
        course: Id<kinds::Course>,
        file: &FileReference,
    ) -> ApiResult<String> {
        let key = Resource::object_key(course, file.id);
        let disposition = attachment(&file.file_name);
        Ok(self.objects.presign_attachment(&self.bucket, &key, &disposition, EXPORT_URL_LIFE).await?)
    }
}

/// The file can't become a lesson's.
pub(crate) fn not_uploaded() -> ApiError {
    let message = "There is no such file to add: upload it first, or begin a new upload where a day has passed or another lesson has it.";
    ApiError::conflict("FILE_NOT_UPLOADED", message)
}
