//! Following the index.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use tantivy::{Directory, Index, directory::FileSlice};

use crate::{
    directory::{Cache, Overlay, Place},
    error::Error,
    manifest::{Current, Manifest},
    objects::{ObjectError, Objects, Tag},
    snapshot::Snapshot,
};

/// The library's list of segments.
pub(crate) const META: &str = "meta.json";
/// Ending of the file of a segment's columns.
pub(crate) const COLUMNS: &str = "columns";

/// Tries to open a generation whose objects vanish: a reader that slept for hours may hold the manifest before last.
const TRIES: usize = 3;

/// What a refresh found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// Nothing has changed, or another refresh is running.
    Same,
    /// A newer generation answers from now on.
    Newer(u64),
    /// There is no index yet.
    None,
}

/// Keeps the newest generation open. Many readers may follow one index.
pub struct Reader<O> {
    objects: O,
    cache: Cache,
    open: RwLock<Option<(Tag, Arc<Snapshot>)>>,
    busy: AtomicBool,
}

/// Ends a refresh, however it ends.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<O: Objects> Reader<O> {
    /// A reader that has not read anything yet.
    pub fn new(objects: O, place: Place) -> Self {
        Self { objects, cache: Cache::new(place), open: RwLock::default(), busy: AtomicBool::new(false) }
    }

    /// What answers now, or nothing before the first generation was opened.
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.open
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|(_, snapshot)| Arc::clone(snapshot))
    }

    /// Opens the newest generation if it is not open yet: one conditional GET when nothing has changed, else the objects
    /// that are not here. Whatever fails, the generation that was open keeps answering.
    ///
    /// # Errors
    /// [`Error`], if there is a newer generation or might be, and it can't be opened.
    pub async fn refresh(&self) -> Result<Refreshed, Error> {
        if self.busy.swap(true, Ordering::Acquire) {
            return Ok(Refreshed::Same);
        }
        let _busy = Busy(&self.busy);
        let mut tries = 0;
        loop {
            let known =
                self.open.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(tag, _)| tag.clone());
            let (manifest, tag) = match Manifest::load(&self.objects, known.as_ref()).await? {
                Current::None => return Ok(Refreshed::None),
                Current::Same => return Ok(Refreshed::Same),
                Current::Some(manifest, tag) => (manifest, tag),
            };
            match self.open(&manifest).await {
                Ok(snapshot) => {
                    *self.open.write().unwrap_or_else(PoisonError::into_inner) =
                        Some((tag, Arc::new(snapshot)));
                    self.cache.keep_only(&manifest);
                    return Ok(Refreshed::Newer(manifest.generation));
                }
                Err(Error::Objects(ObjectError::Missing(_))) if tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn open(&self, manifest: &Manifest) -> Result<Snapshot, Error> {
        let files = self.cache.files(&self.objects, manifest).await?;
        open(files, manifest)
    }
}

/// Opens a generation from its files.
pub(crate) fn open(files: HashMap<PathBuf, FileSlice>, manifest: &Manifest) -> Result<Snapshot, Error> {
    let columns: BTreeMap<String, FileSlice> = files
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|ending| ending == COLUMNS))
        .filter_map(|(path, file)| Some((path.file_stem()?.to_str()?.to_owned(), file.clone())))
        .collect();
    let overlay = Overlay::in_memory(files);
    overlay.atomic_write(Path::new(META), manifest.meta.as_bytes())?;
    Snapshot::open(&Index::open(overlay)?, &columns, manifest.generation)
}
