//! What can go wrong with the index.

use crate::objects::ObjectError;

/// Why the index could not answer or change.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object store failed.
    #[error("the object store failed: {0}")]
    Objects(#[from] ObjectError),
    /// The index library failed.
    #[error("the index failed: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// The documents of a rebuild could not be read.
    #[error("the documents could not be read: {0}")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A local file failed.
    #[error("a file of the index failed: {0}")]
    File(#[from] std::io::Error),
    /// A card is not JSON.
    #[error("a card of the index is not valid JSON: {0}")]
    Card(#[source] serde_json::Error),
    /// The manifest or a segment's columns can't be read.
    #[error("{what} of the index is damaged: rebuild the index")]
    Damaged {
        /// What is damaged.
        what: &'static str,
    },
    /// The index was written by another version of this crate.
    #[error("the index has format {found}, this program reads {known}: rebuild the index")]
    Format {
        /// Format of the manifest.
        found: u32,
        /// Format that is read.
        known: u32,
    },
    /// Other writers were always faster.
    #[error("other writers replaced the manifest {0} times: run one writer at a time")]
    Contended(usize),
}

impl From<tantivy::directory::error::OpenReadError> for Error {
    fn from(error: tantivy::directory::error::OpenReadError) -> Self {
        Self::Index(error.into())
    }
}
