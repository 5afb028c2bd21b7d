//! The one object that says what the index is made of. Replacing it is the only thing that changes the index.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    objects::{Fetched, Objects, Tag},
    schema::FORMAT,
};

/// Key of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// Under it are all other objects of the index.
pub const PARTS: &str = "parts/";

/// A file in an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Name of the file.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// An object of the index; it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Key; another content has another key.
    pub key: String,
    /// Size.
    pub bytes: u64,
    /// The files in it: all those of one segment, or one list of deletions.
    pub parts: Vec<Part>,
}

/// Changes that made a generation, kept so that a rebuild that ran meanwhile can catch up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The generation.
    pub generation: u64,
    /// Key of the changes, a JSON list.
    pub key: String,
    /// Unix seconds.
    pub at: i64,
}

/// An object that a former generation used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Key.
    pub key: String,
    /// Unix seconds when the last generation that used it was replaced.
    pub at: i64,
}

/// What the index is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of everything in it.
    pub format: u32,
    /// Grows by one with each change.
    pub generation: u64,
    /// Unix seconds when it was written.
    pub at: i64,
    /// The library's own list of segments.
    pub meta: String,
    /// The objects.
    pub objects: Vec<Object>,
    /// The latest changes, in order.
    pub journal: Vec<Journal>,
    /// The generation that the journal follows on: changes before it are not in it.
    pub journal_from: u64,
    /// Objects that readers of former generations may still need.
    pub retired: Vec<Retired>,
}

/// The current manifest, or news of it.
#[derive(Debug)]
pub enum Current {
    /// There is no index yet.
    None,
    /// It is still the one that the caller knows.
    Same,
    /// The manifest and what identifies it.
    Some(Box<Manifest>, Tag),
}

impl Manifest {
    /// Reads the current manifest, unless it still is `known`.
    ///
    /// # Errors
    /// [`Error::Objects`]; [`Error::Damaged`] or [`Error::Format`] if it can't be read.
    pub async fn load(objects: &impl Objects, known: Option<&Tag>) -> Result<Current, Error> {
        let (bytes, tag) = match objects.get(MANIFEST, known).await? {
            Fetched::Missing => return Ok(Current::None),
            Fetched::Same => return Ok(Current::Same),
            Fetched::Found { bytes, tag } => (bytes, tag),
        };
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        const DAMAGED: Error = Error::Damaged { what: "the manifest" };
        let head: Head = serde_json::from_slice(&bytes).map_err(|_| DAMAGED)?;
        if head.format != FORMAT {
            return Err(Error::Format { found: head.format, known: FORMAT });
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|_| DAMAGED)?;
        Ok(Current::Some(Box::new(manifest), tag))
    }

    /// Replaces the manifest that `expected` identifies. `None` says that another writer did so before.
    ///
    /// # Errors
    /// [`Error::Objects`]: then it may have been replaced or not.
    pub async fn store(&self, objects: &impl Objects, expected: Option<&Tag>) -> Result<Option<Tag>, Error> {
        let bytes = serde_json::to_vec(self).map_err(|_| Error::Damaged { what: "the manifest" })?;
        Ok(objects.put_if(MANIFEST, Bytes::from(bytes), expected).await?)
    }

    /// Keys of what it needs.
    pub fn keys(&self) -> BTreeSet<&str> {
        self.objects.iter().map(|object| object.key.as_str()).collect()
    }
}
