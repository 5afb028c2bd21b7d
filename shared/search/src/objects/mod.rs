//! The object store that the index lives in.

#[cfg(feature = "generate")]
mod dying;
mod folder;
mod memory;

use std::{future::Future, io::Write};

use bytes::Bytes;

#[cfg(feature = "generate")]
pub use dying::Dying;
pub use folder::Folder;
pub use memory::Memory;

/// What identifies one content of an object: the ETag of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub String);

/// Why the store did not do what it was asked for. Whether a failed write took place is not known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is no such object.
    #[error("there is no object {0}")]
    Missing(String),
    /// The store can't be reached, refuses, or broke off.
    #[error("{key}: {reason}")]
    Failed {
        /// Key of the object.
        key: String,
        /// What the store said.
        reason: String,
    },
}

/// An object, or news of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Its content.
    Found {
        /// The content.
        bytes: Bytes,
        /// What identifies it.
        tag: Tag,
    },
    /// It is still what the caller has (S3: `If-None-Match`, 304).
    Same,
    /// There is none.
    Missing,
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Key.
    pub key: String,
    /// Unix seconds when it was written, by the store's clock.
    pub modified: i64,
}

/// A store of objects. An object is either there whole or not at all.
pub trait Objects: Send + Sync {
    /// Reads a small object, unless it still is `known`.
    fn get(
        &self,
        key: &str,
        known: Option<&Tag>,
    ) -> impl Future<Output = Result<Fetched, ObjectError>> + Send;

    /// Writes an object of any size into `sink`, piece by piece. A missing object is an error.
    fn download(
        &self,
        key: &str,
        sink: &mut (dyn Write + Send),
    ) -> impl Future<Output = Result<(), ObjectError>> + Send;

    /// Writes an object, whatever was there.
    fn put(&self, key: &str, bytes: Bytes) -> impl Future<Output = Result<(), ObjectError>> + Send;

    /// Writes an object if it still is `expected`, or if there is none yet when that is `None` (S3: `If-Match`,
    /// `If-None-Match: *`). `None` says that it is not; nothing was written then.
    fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> impl Future<Output = Result<Option<Tag>, ObjectError>> + Send;

    /// The objects whose keys begin with `prefix`.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<Listed>, ObjectError>> + Send;

    /// Removes an object; one that is not there is removed already.
    fn delete(&self, key: &str) -> impl Future<Output = Result<(), ObjectError>> + Send;
}

impl<O: Objects> Objects for std::sync::Arc<O> {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        (**self).get(key, known).await
    }

    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        (**self).download(key, sink).await
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        (**self).put(key, bytes).await
    }

    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        (**self).put_if(key, bytes, expected).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        (**self).list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        (**self).delete(key).await
    }
}
