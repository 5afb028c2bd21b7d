//! Files of the index as the index library sees them: those of the manifest, and new ones beside them.

use std::{
    collections::HashMap,
    fmt, fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::{StreamExt, TryStreamExt, stream};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, RamDirectory, WatchCallback,
    WatchHandle, WritePtr,
    error::{DeleteError, LockError, OpenReadError, OpenWriteError},
};

use crate::{
    error::Error,
    manifest::{Manifest, Object},
    objects::{ObjectError, Objects},
};

/// Objects that are fetched at the same time.
const FETCHES: usize = 8;

/// Where local copies and new files are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// In memory: small indexes and tests.
    Memory,
    /// In a folder that belongs to this reader or writer alone; files are mapped, not read.
    Folder(PathBuf),
}

/// Local copies of objects.
pub(crate) struct Cache {
    place: Place,
    held: Mutex<HashMap<String, FileSlice>>,
}

impl Cache {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, held: Mutex::default() }
    }

    fn held(&self, key: &str) -> Option<FileSlice> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The files of a manifest by name; objects that are not here yet are fetched.
    pub(crate) async fn files(
        &self,
        objects: &impl Objects,
        manifest: &Manifest,
    ) -> Result<HashMap<PathBuf, FileSlice>, Error> {
        // Owned objects: futures of borrowed ones are not known to be `Send` for every lifetime.
        let fetched: Vec<(Object, FileSlice)> = stream::iter(manifest.objects.clone())
            .map(|object| async move {
                let bytes = self.fetch(objects, &object).await?;
                Ok::<_, Error>((object, bytes))
            })
            .buffer_unordered(FETCHES)
            .try_collect()
            .await?;
        let mut files = HashMap::new();
        for (object, bytes) in fetched {
            for part in &object.parts {
                if part.start > part.end || part.end as u64 > object.bytes {
                    return Err(Error::Damaged { what: "the manifest" });
                }
                files.insert(PathBuf::from(&part.name), bytes.slice(part.start..part.end));
            }
        }
        Ok(files)
    }

    async fn fetch(&self, objects: &impl Objects, object: &Object) -> Result<FileSlice, Error> {
        if let Some(held) = self.held(&object.key) {
            return Ok(held);
        }
        let wrong =
            || ObjectError::Failed { key: object.key.clone(), reason: "it has another size".to_owned() };
        let slice = match &self.place {
            Place::Memory => {
                let mut bytes = Vec::new();
                objects.download(&object.key, &mut bytes).await?;
                if bytes.len() as u64 != object.bytes {
                    return Err(wrong().into());
                }
                FileSlice::from(bytes)
            }
            Place::Folder(folder) => {
                fs::create_dir_all(folder)?;
                let name = object.key.replace('/', "_");
                let path = folder.join(&name);
                if fs::metadata(&path).map_or(true, |found| found.len() != object.bytes) {
                    // Renamed when it is whole: a killed download leaves nothing that looks like the object.
                    static DOWNLOADS: AtomicU64 = AtomicU64::new(0);
                    let number = DOWNLOADS.fetch_add(1, Ordering::Relaxed);
                    let part = folder.join(format!("{}-{number}.part", std::process::id()));
                    let mut file = io::BufWriter::new(fs::File::create(&part)?);
                    let done = objects.download(&object.key, &mut file).await;
                    let size = file.flush().and_then(|()| fs::metadata(&part)).map(|found| found.len());
                    if done.is_err() || !matches!(&size, Ok(size) if *size == object.bytes) {
                        fs::remove_file(&part)?;
                        done?;
                        return Err(wrong().into());
                    }
                    fs::rename(&part, &path)?;
                }
                MmapDirectory::open(folder)
                    .map_err(tantivy::TantivyError::from)?
                    .open_read(Path::new(&name))?
            }
        };
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(object.key.clone(), slice.clone());
        Ok(slice)
    }

    /// Forgets what `manifest` does not need. Open files stay readable until their last reader goes.
    pub(crate) fn keep_only(&self, manifest: &Manifest) {
        let wanted = manifest.keys();
        self.held.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| {
            let keep = wanted.contains(key.as_str());
            if let Place::Folder(folder) = &self.place
                && !keep
            {
                // A file that can't be removed costs space, nothing else.
                let _ = fs::remove_file(folder.join(key.replace('/', "_")));
            }
            keep
        });
    }
}

/// Files of a manifest that never change, and new files in memory or in a folder.
#[derive(Clone)]
pub(crate) struct Overlay {
    base: Arc<RwLock<HashMap<PathBuf, FileSlice>>>,
    new: Box<dyn Directory>,
}

impl Overlay {
    /// The files of a manifest; new ones go to memory.
    pub(crate) fn in_memory(base: HashMap<PathBuf, FileSlice>) -> Self {
        Self { base: Arc::new(RwLock::new(base)), new: Box::new(RamDirectory::create()) }
    }

    /// The files of a manifest; new ones go to an empty folder.
    pub(crate) fn in_folder(base: HashMap<PathBuf, FileSlice>, folder: &Path) -> Result<Self, Error> {
        let new = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        Ok(Self { base: Arc::new(RwLock::new(base)), new: Box::new(new) })
    }

    fn base(&self, path: &Path) -> Option<FileSlice> {
        self.base.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Overlay")
    }
}

impl Directory for Overlay {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match self.base(path) {
            Some(file) => Ok(Arc::new(file)),
            None => self.new.get_file_handle(path),
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        if self.base.write().unwrap_or_else(PoisonError::into_inner).remove(path).is_some() {
            return Ok(());
        }
        self.new.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.base(path).is_some() || self.new.exists(path)?)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.new.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.new.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.new.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        // What counts is what the object store has.
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        // Nobody else has this overlay; writers meet at the manifest.
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
