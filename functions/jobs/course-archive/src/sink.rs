//! An object that is written piece by piece: in one request where it is small, as a multipart upload otherwise.

use cloud::{
    Objects,
    objects::{ObjectError, UploadedPart},
};

/// Bytes of a part. S3 takes 5 MiB at least and 10,000 parts (S3 user guide, "Amazon S3 multipart upload limits").
const PART: usize = 8 * 1_024 * 1_024;
/// Nobody but its owner may keep a copy.
const NO_STORE: &str = "private, no-store";

/// Where the object goes.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) objects: &'a Objects,
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) content_type: &'a str,
}

/// An object that is being written. It is there once [`Sink::finish`] has been called, whole; of one that is dropped before, S3 removes the
/// parts after two days.
pub(crate) struct Sink<'a> {
    target: Target<'a>,
    waiting: Vec<u8>,
    upload: Option<(String, Vec<UploadedPart>)>,
    size: u64,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(target: Target<'a>) -> Self {
        Self { target, waiting: Vec::new(), upload: None, size: 0 }
    }

    pub(crate) async fn push(&mut self, bytes: &[u8]) -> Result<(), ObjectError> {
        self.size += bytes.len() as u64;
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() > PART {
            let rest = self.waiting.split_off(PART);
            let part = std::mem::replace(&mut self.waiting, rest);
            self.send(part).await?;
        }
        Ok(())
    }

    /// Ends the object; its bytes.
    pub(crate) async fn finish(mut self) -> Result<u64, ObjectError> {
        let Target { objects, bucket, key, content_type } = self.target;
        let last = std::mem::take(&mut self.waiting);
        if self.upload.is_none() {
            objects.write(bucket, key, content_type, NO_STORE, last).await?;
            return Ok(self.size);
        }
        self.send(last).await?;
        if let Some((upload, parts)) = &self.upload {
            objects.complete_multipart(bucket, key, upload, parts).await?;
        }
        Ok(self.size)
    }

    /// Gives it up.
    pub(crate) async fn abort(self) -> Result<(), ObjectError> {
        let Target { objects, bucket, key, .. } = self.target;
        match self.upload {
            Some((upload, _)) => objects.abort_multipart(bucket, key, &upload).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, part: Vec<u8>) -> Result<(), ObjectError> {
        let Target { objects, bucket, key, content_type } = self.target;
        if self.upload.is_none() {
            let upload = objects.create_multipart(bucket, key, content_type).await?;
            self.upload = Some((upload, Vec::new()));
        }
        if let Some((upload, parts)) = &mut self.upload {
            let number = i32::try_from(parts.len() + 1)
                .map_err(|_| ObjectError::Refused("too many parts of one upload".into()))?;
            parts.push(objects.upload_part(bucket, key, upload, number, part).await?);
        }
        Ok(())
    }
}
