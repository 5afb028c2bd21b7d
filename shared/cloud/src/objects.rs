//! S3: presigned requests of browsers, and the objects that jobs read and write.

use std::{path::Path, time::Duration};

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in the header that names the source of a copy: the unreserved letters of RFC 3986, and the slash.
const COPY_SOURCE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An S3 call failed.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The object, upload or bucket does not exist.
    #[error("the object does not exist")]
    NotFound,
    /// S3 refused what was asked, for a reason that asking again does not change.
    #[error("S3 refused the request: {0}")]
    Refused(String),
    /// Anything else; asking again may help.
    #[error("S3 did not answer: {0}")]
    Unavailable(String),
}

impl<E: ProvideErrorMetadata + std::fmt::Debug> From<SdkError<E>> for ObjectError {
    fn from(error: SdkError<E>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(ToOwned::to_owned);
        let text = code.clone().unwrap_or_else(|| format!("{error}"));
        match (status, code.as_deref()) {
            (_, Some("NoSuchKey" | "NoSuchUpload" | "NotFound" | "NoSuchVersion")) | (Some(404), _) => {
                Self::NotFound
            }
            (Some(400..=499), _) => Self::Refused(text),
            _ => Self::Unavailable(text),
        }
    }
}

/// What HEAD says of an object.
#[derive(Clone, Debug)]
pub struct ObjectHead {
    /// Bytes.
    pub size: u64,
    /// The content type that the upload declared.
    pub content_type: Option<String>,
    /// The version, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The entity tag, without quotes.
    pub etag: Option<String>,
}

/// A part of a multipart upload that S3 holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedPart {
    /// 1 to 10,000.
    pub number: i32,
    /// Bytes.
    pub size: u64,
    /// The entity tag, as S3 gave it.
    pub etag: String,
}

/// The S3 client.
#[derive(Clone, Debug)]
pub struct Objects {
    pub(crate) client: aws_sdk_s3::Client,
}

impl Objects {
    pub(crate) fn new(sdk: &aws_types::SdkConfig) -> Self {
        let mut config = aws_sdk_s3::config::Builder::from(sdk);
        // The local stack answers under paths, not under bucket host names.
        if sdk.endpoint_url().is_some() {
            config = config.force_path_style(true);
        }
        // Presigned parts of a browser carry no checksum header, so none may be part of the signature.
        config = config
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired);
        Self { client: aws_sdk_s3::Client::from_conf(config.build()) }
    }

    /// A URL that lets its holder PUT exactly `size` bytes of `content_type` at `key`, for `valid`.
    ///
    /// # Errors
    /// [`ObjectError`] when it can't be signed.
    pub async fn presign_put(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        size: u64,
        valid: Duration,
    ) -> Result<String, ObjectError> {
        let length = i64::try_from(size).map_err(|_| ObjectError::Refused("too large".into()))?;
        let request = self
            .client
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(content_type)
            .content_length(length);
        Ok(request.presigned(presigning(valid)?).await?.uri().to_owned())
    }

    /// A URL that lets its holder read the object for `valid`; of one version, where given.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn presign_get(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        valid: Duration,
    ) -> Result<String, ObjectError> {
        let request =
            self.client.get_object().bucket(bucket).key(key).set_version_id(version_id.map(Into::into));
        Ok(request.presigned(presigning(valid)?).await?.uri().to_owned())
    }

    /// A URL that lets its holder read the object for `valid`, which S3 then sends with this `Content-Disposition`.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn presign_attachment(
        &self,
        bucket: &str,
        key: &str,
        disposition: &str,
        valid: Duration,
    ) -> Result<String, ObjectError> {
        let request =
            self.client.get_object().bucket(bucket).key(key).response_content_disposition(disposition);
        Ok(request.presigned(presigning(valid)?).await?.uri().to_owned())
    }

    /// A URL that lets its holder PUT one part of exactly `size` bytes.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn presign_part(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
        number: i32,
        size: u64,
        valid: Duration,
    ) -> Result<String, ObjectError> {
        let length = i64::try_from(size).map_err(|_| ObjectError::Refused("too large".into()))?;
        let request = self
            .client
            .upload_part()
            .bucket(bucket)
            .key(key)
            .upload_id(upload_id)
            .part_number(number)
            .content_length(length);
        Ok(request.presigned(presigning(valid)?).await?.uri().to_owned())
    }

    /// Begins a multipart upload and gives its id.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn create_multipart(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
    ) -> Result<String, ObjectError> {
        let call = self.client.create_multipart_upload().bucket(bucket).key(key).content_type(content_type);
        call.send().await?.upload_id.ok_or_else(|| ObjectError::Unavailable("no upload id".into()))
    }

    /// The parts that S3 holds of a multipart upload, in order.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] when the upload was completed or aborted.
    pub async fn parts(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
    ) -> Result<Vec<UploadedPart>, ObjectError> {
        let mut parts = Vec::new();
        let mut marker = None;
        loop {
            let call = self.client.list_parts().bucket(bucket).key(key).upload_id(upload_id);
            let page = call.set_part_number_marker(marker).send().await?;
            parts.extend(page.parts().iter().filter_map(|part| {
                Some(UploadedPart {
                    number: part.part_number?,
                    size: u64::try_from(part.size?).ok()?,
                    etag: part.e_tag.clone()?,
                })
            }));
            marker = page.next_part_number_marker;
            if page.is_truncated != Some(true) || marker.is_none() {
                return Ok(parts);
            }
        }
    }

    /// Sends one part of a multipart upload. Every part but the last has 5 MiB at least (S3 user guide, "Amazon S3 multipart upload
    /// limits").
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] when the upload was completed or aborted.
    pub async fn upload_part(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
        number: i32,
        body: Vec<u8>,
    ) -> Result<UploadedPart, ObjectError> {
        let size = body.len() as u64;
        let call = self.client.upload_part().bucket(bucket).key(key).upload_id(upload_id).part_number(number);
        let etag = call.body(body.into()).send().await?.e_tag;
        let etag = etag.ok_or_else(|| ObjectError::Unavailable("no entity tag".into()))?;
        Ok(UploadedPart { number, size, etag })
    }

    /// Joins the parts into the object.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] when the upload was completed before or aborted, [`ObjectError::Refused`] when a part is missing.
    pub async fn complete_multipart(
        &self,
        bucket: &str,
        key: &str,
        upload_id: &str,
        parts: &[UploadedPart],
    ) -> Result<(), ObjectError> {
        let parts = parts
            .iter()
            .map(|part| CompletedPart::builder().part_number(part.number).e_tag(&part.etag).build())
            .collect();
        let body = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let call = self.client.complete_multipart_upload().bucket(bucket).key(key).upload_id(upload_id);
        call.multipart_upload(body).send().await?;
        Ok(())
    }

    /// Throws the parts of a multipart upload away. One that is gone already counts as done.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn abort_multipart(&self, bucket: &str, key: &str, upload_id: &str) -> Result<(), ObjectError> {
        let call = self.client.abort_multipart_upload().bucket(bucket).key(key).upload_id(upload_id);
        match call.send().await.map_err(ObjectError::from) {
            Ok(_) | Err(ObjectError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Size, type and version of an object.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] when there is none.
    pub async fn head(&self, bucket: &str, key: &str) -> Result<ObjectHead, ObjectError> {
        let head = self.client.head_object().bucket(bucket).key(key).send().await?;
        Ok(ObjectHead {
            size: head.content_length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            content_type: head.content_type,
            version_id: head.version_id.filter(|v| v != "null"),
            etag: head.e_tag.map(|tag| tag.trim_matches('"').to_owned()),
        })
    }

    /// The bytes `from..=to` of an object.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn read_range(
        &self,
        bucket: &str,
        key: &str,
        from: u64,
        to: u64,
    ) -> Result<Vec<u8>, ObjectError> {
        let call = self.client.get_object().bucket(bucket).key(key).range(format!("bytes={from}-{to}"));
        collect(call.send().await?.body).await
    }

    /// A whole object; for playlists and other small ones.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn read(&self, bucket: &str, key: &str) -> Result<Vec<u8>, ObjectError> {
        collect(self.client.get_object().bucket(bucket).key(key).send().await?.body).await
    }

    /// Writes an object from memory.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn write(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        cache_control: &str,
        body: Vec<u8>,
    ) -> Result<(), ObjectError> {
        let call = self.client.put_object().bucket(bucket).key(key).content_type(content_type);
        call.cache_control(cache_control).body(body.into()).send().await?;
        Ok(())
    }

    /// Writes an object from a file.
    ///
    /// # Errors
    /// [`ObjectError`], also when the file can't be read.
    pub async fn write_file(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        cache_control: &str,
        file: &Path,
    ) -> Result<(), ObjectError> {
        let bytes = tokio::fs::read(file).await.map_err(|error| ObjectError::Refused(error.to_string()))?;
        self.write(bucket, key, content_type, cache_control, bytes).await
    }

    /// Copies an object of up to 5 GB within its bucket, with its content type (S3 API reference, "CopyObject"); its bytes do not pass
    /// through here. What was at `to` is replaced. The function's role needs `s3:GetObject` on `from` and `s3:PutObject` on `to`.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] when there is nothing at `from`.
    pub async fn copy(&self, bucket: &str, from: &str, to: &str) -> Result<(), ObjectError> {
        let source = format!("{bucket}/{from}");
        let source = utf8_percent_encode(&source, COPY_SOURCE).to_string();
        self.client.copy_object().bucket(bucket).key(to).copy_source(source).send().await?;
        Ok(())
    }

    /// The keys under a prefix, at most `limit`.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn list(&self, bucket: &str, prefix: &str, limit: i32) -> Result<Vec<String>, ObjectError> {
        let answer =
            self.client.list_objects_v2().bucket(bucket).prefix(prefix).max_keys(limit).send().await?;
        Ok(answer.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect())
    }

    /// Deletes up to a thousand objects under a prefix, in two calls; `true` when none is left.
    ///
    /// # Errors
    /// [`ObjectError`], also when S3 kept some of them.
    pub async fn clear(&self, bucket: &str, prefix: &str) -> Result<bool, ObjectError> {
        let page = self.client.list_objects_v2().bucket(bucket).prefix(prefix).send().await?;
        let keys = page.contents().iter().map(|one| (one.key(), None));
        self.delete_all(bucket, keys).await?;
        Ok(page.is_truncated != Some(true))
    }

    /// Deletes up to a thousand versions of objects under a prefix for good, in two calls; `true` when none is left. In a bucket
    /// that keeps versions, [`Objects::delete`] alone only hides an object. The function's role needs `s3:ListBucketVersions`
    /// and `s3:DeleteObjectVersion`.
    ///
    /// # Errors
    /// [`ObjectError`], also when S3 kept some of them.
    pub async fn purge(&self, bucket: &str, prefix: &str) -> Result<bool, ObjectError> {
        let page = self.client.list_object_versions().bucket(bucket).prefix(prefix).send().await?;
        let versions = page.versions().iter().map(|one| (one.key(), one.version_id()));
        let markers = page.delete_markers().iter().map(|one| (one.key(), one.version_id()));
        self.delete_all(bucket, versions.chain(markers)).await?;
        Ok(page.is_truncated != Some(true))
    }

    /// Deletes these objects, or these versions of them, in one call; none where there are none.
    async fn delete_all<'a>(
        &self,
        bucket: &str,
        objects: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
    ) -> Result<(), ObjectError> {
        let unnamed = |error: aws_sdk_s3::error::BuildError| ObjectError::Unavailable(error.to_string());
        let mut delete = Delete::builder().quiet(true).set_objects(Some(Vec::new()));
        let mut found = false;
        for (key, version) in objects {
            let object = ObjectIdentifier::builder().set_key(key.map(Into::into));
            let object = object.set_version_id(version.map(Into::into)).build().map_err(unnamed)?;
            (delete, found) = (delete.objects(object), true);
        }
        if !found {
            return Ok(());
        }
        let call = self.client.delete_objects().bucket(bucket).delete(delete.build().map_err(unnamed)?);
        if let Some(kept) = call.send().await?.errors().first() {
            return Err(ObjectError::Unavailable(kept.code().unwrap_or("an object was kept").to_owned()));
        }
        Ok(())
    }

    /// Deletes an object; one that is gone already counts as done.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn delete(&self, bucket: &str, key: &str) -> Result<(), ObjectError> {
        self.client.delete_object().bucket(bucket).key(key).send().await?;
        Ok(())
    }
}

fn presigning(valid: Duration) -> Result<PresigningConfig, ObjectError> {
    PresigningConfig::expires_in(valid).map_err(|error| ObjectError::Refused(error.to_string()))
}

async fn collect(body: ByteStream) -> Result<Vec<u8>, ObjectError> {
    let bytes = body.collect().await.map_err(|error| ObjectError::Unavailable(error.to_string()))?;
    Ok(bytes.into_bytes().to_vec())
}
