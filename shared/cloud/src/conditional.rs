//! S3 objects that are replaced only while they are as they were read, and large ones in pieces.

use std::time::Duration;

use aws_sdk_s3::{config::Config, error::SdkError};
use aws_smithy_types::timeout::TimeoutConfig;
use bytes::Bytes;

use crate::objects::{ObjectError, Objects};

/// Longest time that one attempt to write a large object may take; the 10 s of other calls are not enough for it.
const WRITE_TIME: Duration = Duration::from_secs(300);

/// What was read of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Its content.
    Found {
        /// The content.
        body: Bytes,
        /// Its entity tag, as S3 gave it.
        etag: String,
    },
    /// It is still the one that the caller knows.
    Same,
    /// There is none.
    Missing,
}

/// A piece of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The bytes.
    pub body: Bytes,
    /// Bytes of the whole object.
    pub total: u64,
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Key.
    pub key: String,
    /// Unix seconds of its last change, by the clock of S3.
    pub modified: i64,
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn broken(error: impl std::fmt::Display) -> ObjectError {
    ObjectError::Unavailable(error.to_string())
}

impl Objects {
    /// A whole object, unless its entity tag still is `known`.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn read_unless(
        &self,
        bucket: &str,
        key: &str,
        known: Option<&str>,
    ) -> Result<Reading, ObjectError> {
        let call = self.client.get_object().bucket(bucket).key(key).set_if_none_match(known.map(Into::into));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) if status(&error) == Some(304) => return Ok(Reading::Same),
            Err(error) => {
                return match ObjectError::from(error) {
                    ObjectError::NotFound => Ok(Reading::Missing),
                    error => Err(error),
                };
            }
        };
        let etag = answer.e_tag.ok_or_else(|| broken("no entity tag"))?;
        let body = answer.body.collect().await.map_err(broken)?.into_bytes();
        Ok(Reading::Found { body, etag })
    }

    /// The bytes `from..=to` of an object, as far as it has them, and its size.
    ///
    /// # Errors
    /// [`ObjectError`]; [`ObjectError::Refused`] when it has none of them.
    pub async fn piece(&self, bucket: &str, key: &str, from: u64, to: u64) -> Result<Piece, ObjectError> {
        let call = self.client.get_object().bucket(bucket).key(key).range(format!("bytes={from}-{to}"));
        let answer = call.send().await?;
        // «bytes 0-8388607/20000000» (RFC 9110, 14.4)
        let total = answer.content_range.as_deref().and_then(|range| range.rsplit('/').next()?.parse().ok());
        let total = total.ok_or_else(|| broken("no content range"))?;
        let body = answer.body.collect().await.map_err(broken)?.into_bytes();
        Ok(Piece { body, total })
    }

    /// Writes an object of up to 5 GB (S3 user guide, "Uploading objects"), whatever was there.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn write_large(&self, bucket: &str, key: &str, body: Bytes) -> Result<(), ObjectError> {
        let time = TimeoutConfig::builder().operation_attempt_timeout(WRITE_TIME).build();
        let call = self.client.put_object().bucket(bucket).key(key).body(body.into());
        call.customize().config_override(Config::builder().timeout_config(time)).send().await?;
        Ok(())
    }

    /// Writes an object when its entity tag is `expected`, or when there is none yet where that is `None`, and gives its new tag.
    /// `None` says that something else is there, or that another write is under way; nothing was written then.
    ///
    /// # Errors
    /// [`ObjectError`]; whether it was written is not known then.
    pub async fn write_if(
        &self,
        bucket: &str,
        key: &str,
        body: Bytes,
        expected: Option<&str>,
    ) -> Result<Option<String>, ObjectError> {
        let call = self.client.put_object().bucket(bucket).key(key).body(body.into());
        let call = match expected {
            Some(etag) => call.if_match(etag),
            None => call.if_none_match("*"),
        };
        match call.send().await {
            Ok(answer) => answer.e_tag.map(Some).ok_or_else(|| broken("no entity tag")),
            // 409 when another conditional write is under way, 404 when the object of `If-Match` is gone (S3 user guide,
            // "How to prevent object overwrites with conditional writes").
            Err(error) if matches!(status(&error), Some(404 | 409 | 412)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All objects under a prefix, a thousand in a call.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn list_all(&self, bucket: &str, prefix: &str) -> Result<Vec<Entry>, ObjectError> {
        let mut entries = Vec::new();
        let mut token = None;
        loop {
            let call = self.client.list_objects_v2().bucket(bucket).prefix(prefix);
            let page = call.set_continuation_token(token).send().await?;
            entries.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| {
                Some(Entry { key: object.key?, modified: object.last_modified.map_or(0, |at| at.secs()) })
            }));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(entries);
            }
        }
    }
}
