//! A store in a folder, for one process at a time: the benchmark's.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{Fetched, Listed, ObjectError, Objects, Tag};

/// A store whose objects are files.
pub struct Folder {
    root: PathBuf,
    writing: Mutex<()>,
}

impl Folder {
    /// A store in `root`, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        fs::create_dir_all(&root)?;
        Ok(Self { root, writing: Mutex::new(()) })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    fn read(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        match fs::read(self.path(key)) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(key, &error)),
        }
    }

    fn write(&self, key: &str, bytes: &[u8]) -> Result<Tag, ObjectError> {
        let path = self.path(key);
        let new = path.with_extension("new");
        let write = || -> io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&new, bytes)?;
            fs::rename(&new, &path)
        };
        write().map(|()| tag(bytes)).map_err(|error| failed(key, &error))
    }
}

fn failed(key: &str, error: &io::Error) -> ObjectError {
    ObjectError::Failed { key: key.to_owned(), reason: error.to_string() }
}

fn tag(bytes: &[u8]) -> Tag {
    Tag(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn files(root: &Path, folder: &Path, found: &mut Vec<Listed>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files(root, &entry.path(), found)?;
        } else if let Some(key) = entry.path().strip_prefix(root).ok().and_then(Path::to_str) {
            let modified = entry.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            found.push(Listed { key: key.to_owned(), modified: modified.as_secs().cast_signed() });
        }
    }
    Ok(())
}

impl Objects for Folder {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        Ok(match self.read(key)? {
            None => Fetched::Missing,
            Some(bytes) => match tag(&bytes) {
                tag if Some(&tag) == known => Fetched::Same,
                tag => Fetched::Found { bytes, tag },
            },
        })
    }

    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        let mut file = fs::File::open(self.path(key)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ObjectError::Missing(key.to_owned()),
            _ => failed(key, &error),
        })?;
        io::copy(&mut file, sink).map(drop).map_err(|error| failed(key, &error))
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        self.write(key, &bytes).map(drop)
    }

    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.read(key)?.map(|bytes| tag(&bytes)).as_ref() != expected {
            return Ok(None);
        }
        self.write(key, &bytes).map(Some)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        let mut found = Vec::new();
        files(&self.root, &self.root, &mut found).map_err(|error| failed(prefix, &error))?;
        found.retain(|object| object.key.starts_with(prefix));
        Ok(found)
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        match fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(key, &error)),
            _ => Ok(()),
        }
    }
}
