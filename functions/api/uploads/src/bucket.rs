//! The uploads bucket: presigned URLs of an upload, and what S3 holds of it.

use std::{sync::Arc, time::Duration};

use cloud::{
    Objects,
    objects::{ObjectError, UploadedPart},
};
use domain::upload::{PartPlan, URL_LIFE};
use http_kit::{ApiError, ApiResult, Platform};
use store::entities::Upload;

use crate::views::{HeldPart, PartUrl, upload_aborted};

/// The bucket that browsers send files to. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Bucket {
    objects: Objects,
    name: Arc<str>,
}

/// What S3 holds of an upload.
pub(crate) enum Held {
    /// The object, in the right size.
    Object,
    /// Parts of an upload that is not joined yet.
    Parts(Vec<UploadedPart>),
    /// Nothing, or an object of another size.
    Nothing,
}

impl Bucket {
    pub(crate) fn new(objects: Objects, name: impl Into<String>) -> Self {
        Self { objects, name: name.into().into() }
    }

    /// The URL that takes the whole file, of exactly its size and type.
    pub(crate) async fn put_url(&self, upload: &Upload) -> ApiResult<String> {
        let Upload { object_key, content_type, size_bytes, .. } = upload;
        Ok(self.objects.presign_put(&self.name, object_key, content_type, *size_bytes, url_life()).await?)
    }

    /// The URLs that take these parts, each of exactly its size.
    pub(crate) async fn part_urls(
        &self,
        upload: &Upload,
        parts: impl IntoIterator<Item = (u32, u64)>,
    ) -> ApiResult<Vec<PartUrl>> {
        let id = upload.multipart_id.as_deref().unwrap_or_default();
        let mut urls = Vec::new();
        for (number, size) in parts {
            let part = i32::try_from(number).map_err(ApiError::internal)?;
            let url =
                self.objects.presign_part(&self.name, &upload.object_key, id, part, size, url_life()).await?;
            urls.push(PartUrl { number, size, url });
        }
        Ok(urls)
    }

    /// The upload with S3's id of its multipart upload, which is begun where it was not: the attempt that should have done it
    /// may have died.
    pub(crate) async fn begin_multipart(&self, platform: &Platform, upload: Upload) -> ApiResult<Upload> {
        if upload.multipart_id.is_some() {
            return Ok(upload);
        }
        let id = self.objects.create_multipart(&self.name, &upload.object_key, &upload.content_type).await?;
        let current = platform.store().uploads().set_multipart(upload.id, &id).await?;
        if current.as_ref().and_then(|upload| upload.multipart_id.as_deref()) != Some(&id) {
            // Another request was faster. What is left of this one if the call fails, the bucket's lifecycle removes.
            self.objects.abort_multipart(&self.name, &upload.object_key, &id).await?;
        }
        current.ok_or_else(upload_aborted)
    }

    /// What S3 holds of an upload.
    pub(crate) async fn held(&self, upload: &Upload) -> ApiResult<Held> {
        if let Some(id) = &upload.multipart_id {
            match self.objects.parts(&self.name, &upload.object_key, id).await {
                Ok(parts) => return Ok(Held::Parts(parts)),
                // Joined already by a request that died before it could say so, or thrown away.
                Err(ObjectError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        match self.objects.head(&self.name, &upload.object_key).await {
            Ok(head) if head.size == upload.size_bytes => Ok(Held::Object),
            Ok(_) | Err(ObjectError::NotFound) => Ok(Held::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Joins the parts into the object; says whether the object is there now, in the right size.
    pub(crate) async fn join(&self, upload: &Upload, parts: &[UploadedPart]) -> ApiResult<bool> {
        let id = upload.multipart_id.as_deref().unwrap_or_default();
        match self.objects.complete_multipart(&self.name, &upload.object_key, id, parts).await {
            // A concurrent request may have joined them.
            Ok(()) | Err(ObjectError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        match self.objects.head(&self.name, &upload.object_key).await {
            Ok(head) => Ok(head.size == upload.size_bytes),
            Err(ObjectError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Throws the parts of an upload away.
    pub(crate) async fn abort(&self, upload: &Upload) -> ApiResult<()> {
        match &upload.multipart_id {
            Some(id) => Ok(self.objects.abort_multipart(&self.name, &upload.object_key, id).await?),
            None => Ok(()),
        }
    }
}

/// The parts that are there, as the client is told.
pub(crate) fn held_parts(plan: &PartPlan, held: &Held) -> Vec<HeldPart> {
    match held {
        Held::Nothing => Vec::new(),
        Held::Object => (1..=plan.count())
            .filter_map(|number| Some(HeldPart { number, size: plan.size_of(number)? }))
            .collect(),
        Held::Parts(parts) => {
            parts.iter().filter_map(numbered).map(|(number, size)| HeldPart { number, size }).collect()
        }
    }
}

/// A part's number and bytes.
pub(crate) fn numbered(part: &UploadedPart) -> Option<(u32, u64)> {
    Some((u32::try_from(part.number).ok()?, part.size))
}

fn url_life() -> Duration {
    URL_LIFE.unsigned_abs()
}
