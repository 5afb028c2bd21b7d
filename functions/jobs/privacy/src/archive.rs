//! The archive that a person gets: a ZIP with a JSON file for each kind of thing, his pictures and certificates, and a README.
//!
//! The files are gathered on disk, one line an item, since what a person has watched in half a year need not fit into memory.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Seek as _, Write as _},
    path::PathBuf,
};

use archive::{Packing, WriteError, Writer};
use serde_json::{Map, Value};
use store::{Item, StoreError, entities::belongings::readable, item_type};
use tempfile::TempDir;

use crate::kinds::{self, Export, FILES};

/// An archive could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The disk.
    #[error("the archive can't be written: {0}")]
    Disk(#[from] io::Error),
    /// The format.
    #[error(transparent)]
    Zip(#[from] WriteError),
    /// An item.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The list of kinds lacks one.
    #[error("items of type {0} have no rule in kinds.rs")]
    UnknownKind(String),
}

/// An archive that is being gathered.
#[derive(Debug)]
pub struct Archive {
    folder: TempDir,
    files: BTreeMap<&'static str, (BufWriter<File>, u64)>,
    attached: Vec<(String, PathBuf)>,
}

impl Archive {
    /// An empty archive.
    ///
    /// # Errors
    /// [`ArchiveError::Disk`].
    pub fn new() -> Result<Self, ArchiveError> {
        Ok(Self { folder: TempDir::new()?, files: BTreeMap::new(), attached: Vec::new() })
    }

    /// Adds items, each to the file of its kind. Kinds that a person does not see are left out.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn add(&mut self, items: Vec<Item>) -> Result<(), ArchiveError> {
        for item in items {
            let name = item_type(&item).to_owned();
            match kinds::find(&name).ok_or(ArchiveError::UnknownKind(name))?.export {
                Export::In(file, hidden) => self.line(file, &readable(item, hidden)?)?,
                Export::Not(_) => {}
            }
        }
        Ok(())
    }

    /// Adds one thing to a file.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn line(&mut self, file: &'static str, fields: &Map<String, Value>) -> Result<(), ArchiveError> {
        if !self.files.contains_key(file) {
            let path = self.folder.path().join(file);
            let opened = File::options().create_new(true).read(true).write(true).open(path)?;
            self.files.insert(file, (BufWriter::new(opened), 0));
        }
        if let Some((out, count)) = self.files.get_mut(file) {
            out.write_all(if *count == 0 { b"[\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, fields).map_err(io::Error::from)?;
            *count += 1;
        }
        Ok(())
    }

    /// Adds a picture or a document under this name.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn attach(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let path = self.folder.path().join(format!("attached-{}", self.attached.len()));
        std::fs::write(&path, bytes)?;
        self.attached.push((name.to_owned(), path));
        Ok(())
    }

    /// Writes the ZIP and gives its bytes.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        let mut zip = Writer::default();
        let counts: BTreeMap<_, _> = self.files.iter().map(|(name, (_, count))| (*name, *count)).collect();
        zip.start("README.txt", Packing::Deflated)?;
        zip.write_all(readme(&counts).as_bytes())?;
        for (name, (out, _)) in &mut self.files {
            out.write_all(b"\n]\n")?;
            out.flush()?;
            out.get_mut().rewind()?;
            zip.start(&format!("{name}.json"), Packing::Deflated)?;
            io::copy(out.get_mut(), &mut zip)?;
        }
        for (name, path) in &self.attached {
            // Neither a JPEG nor a PDF gets smaller.
            zip.start(name, Packing::Stored)?;
            io::copy(&mut File::open(path)?, &mut zip)?;
        }
        Ok(zip.finish()?)
    }
}

fn readme(counts: &BTreeMap<&str, u64>) -> String {
    let mut text = String::from(
        "All that LearnFlow holds of you.\n\n\
         Each file is a list in JSON, in UTF-8. Times are in UTC. Amounts of time are in seconds unless their name says\n\
         otherwise. Passwords, keys and other secrets are left out: we keep digests of them at most.\n\n",
    );
    for (name, about) in FILES {
        if let Some(count) = counts.get(name) {
            text.push_str(&format!("{name}.json ({count}): {about}\n"));
        }
    }
    text.push_str(
        "\nA kind of thing that you have none of has no file. The films themselves are not in here, for their size.\n",
    );
    text
}
