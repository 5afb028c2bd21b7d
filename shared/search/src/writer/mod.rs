//! Changing the index. Any number of writers may run: the manifest is replaced only by who read the current one.

mod commit;
mod merge;
mod rebuild;
mod sweep;

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tantivy::directory::FileSlice;

pub use rebuild::Rebuilt;
pub use sweep::Swept;

use crate::{
    directory::{Cache, Overlay, Place},
    document::Change,
    error::Error,
    manifest::{Current, Journal, Manifest, Object, PARTS, Retired},
    objects::{Objects, Tag},
};

/// How often a writer starts anew because another one was faster.
const TRIES: usize = 16;

/// How long former objects and journals are kept, in seconds: longer than a reader takes to open a generation, and than
/// a writer or a rebuild takes from its first upload to its manifest.
pub const KEEP_SECONDS: i64 = 6 * 3600;

/// Memory for one writer's new documents, in bytes: the least that the library takes.
const MEMORY: usize = 15_000_000;

/// What a batch of changes did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Changes that took effect.
    pub changed: usize,
    /// Changes that were known already, or older than what is known.
    pub stale: usize,
    /// The generation that has them all.
    pub generation: u64,
}

/// Writes the index.
pub struct Writer<O> {
    objects: O,
    cache: Cache,
    place: Place,
}

/// An object that is to be written.
struct Upload {
    object: Object,
    bytes: Bytes,
}

/// New files of one attempt; a folder goes with it.
struct Scratch(Option<PathBuf>);

impl Scratch {
    fn new(place: &Place) -> Result<Self, Error> {
        static SCRATCHES: AtomicU64 = AtomicU64::new(0);
        Ok(Self(match place {
            Place::Memory => None,
            Place::Folder(folder) => {
                let number = SCRATCHES.fetch_add(1, Ordering::Relaxed);
                let path = folder.join(format!("new-{}-{number}", std::process::id()));
                std::fs::create_dir_all(&path)?;
                Some(path)
            }
        }))
    }

    fn overlay(&self, files: HashMap<PathBuf, FileSlice>) -> Result<Overlay, Error> {
        match &self.0 {
            None => Ok(Overlay::in_memory(files)),
            Some(folder) => Overlay::in_folder(files, folder),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // What stays behind costs space, nothing else.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The newest change of each key, in the order of keys.
fn newest(changes: &[Change]) -> BTreeMap<String, &Change> {
    let mut newest: BTreeMap<String, &Change> = BTreeMap::new();
    for change in changes {
        let slot = newest.entry(change.key()).or_insert(change);
        if change.version() > slot.version() {
            *slot = change;
        }
    }
    newest
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl<O: Objects> Writer<O> {
    /// A writer; it keeps copies of the index in `place`, so that the next batch fetches only what is new.
    pub fn new(objects: O, place: Place) -> Self {
        Self { objects, cache: Cache::new(place.clone()), place }
    }

    /// Applies changes: all of them, or none if it fails; applying them again changes nothing. `now` is Unix seconds.
    ///
    /// # Errors
    /// [`Error::Contended`] if other writers are always faster; [`Error`] if the store or the index fails. After a failure
    /// the changes may have been applied; applying them again is right.
    pub async fn apply(&self, changes: &[Change], now: i64) -> Result<Applied, Error> {
        for _ in 0..TRIES {
            let (manifest, tag) = self.current().await?;
            let files = match &manifest {
                Some(manifest) => self.cache.files(&self.objects, manifest).await?,
                None => HashMap::new(),
            };
            let scratch = Scratch::new(&self.place)?;
            let generation = manifest.as_ref().map_or(0, |manifest| manifest.generation);
            let batch = newest(changes);
            let overlay = scratch.overlay(files)?;
            let Some(made) = commit::commit(overlay, manifest.as_deref(), &batch, now)? else {
                return Ok(Applied { changed: 0, stale: changes.len(), generation });
            };
            let changed = made.changed;
            let journal = self.write_journal(&made.effective, generation + 1, now).await?;
            self.upload(&made.uploads).await?;
            let next = made.manifest(manifest.as_deref(), Some(journal), now);
            if next.store(&self.objects, tag.as_ref()).await?.is_some() {
                return Ok(Applied { changed, stale: changes.len() - changed, generation: next.generation });
            }
            tracing::info!(generation, "another writer replaced the manifest; starting anew");
        }
        Err(Error::Contended(TRIES))
    }

    async fn current(&self) -> Result<(Option<Box<Manifest>>, Option<Tag>), Error> {
        Ok(match Manifest::load(&self.objects, None).await? {
            Current::Some(manifest, tag) => {
                self.cache.keep_only(&manifest);
                (Some(manifest), Some(tag))
            }
            Current::None | Current::Same => (None, None),
        })
    }

    async fn write_journal(
        &self,
        effective: &[&Change],
        generation: u64,
        now: i64,
    ) -> Result<Journal, Error> {
        let bytes = serde_json::to_vec(effective).map_err(Error::Card)?;
        let key = format!("{PARTS}journal-{generation}-{}", hash(&bytes));
        self.objects.put(&key, bytes.into()).await?;
        Ok(Journal { generation, key, at: now })
    }

    async fn upload(&self, uploads: &[Upload]) -> Result<(), Error> {
        for upload in uploads {
            self.objects.put(&upload.object.key, upload.bytes.clone()).await?;
        }
        Ok(())
    }
}

/// Objects that `before` needs or remembers and `next` does not need.
fn retire(before: Option<&Manifest>, next: &[Object], journal: &[Journal], now: i64) -> Vec<Retired> {
    let Some(before) = before else { return Vec::new() };
    let still = |key: &str| {
        next.iter().any(|object| object.key == key) || journal.iter().any(|journal| journal.key == key)
    };
    let keys = before.objects.iter().map(|o| &o.key).chain(before.journal.iter().map(|j| &j.key));
    let newly = keys.filter(|key| !still(key)).map(|key| Retired { key: key.clone(), at: now });
    let known =
        before.retired.iter().filter(|retired| retired.at > now - 2 * KEEP_SECONDS && !still(&retired.key));
    known.cloned().chain(newly).collect()
}
