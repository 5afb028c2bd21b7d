//! Writing: entries one after the other, without a place to go back to.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

/// An archive could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the archive can't be made: {0}")]
pub struct WriteError(#[from] zip::result::ZipError);

/// Whether an entry is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As it is: pictures, PDFs and films do not get smaller.
    Stored,
    /// With DEFLATE.
    Deflated,
}

/// What was written and not taken yet.
#[derive(Clone, Debug, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Outlet {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive that is being written. What is written to it goes into the entry that was started last.
pub struct Writer {
    zip: ZipWriter<StreamWriter<Outlet>>,
    outlet: Outlet,
}

impl Default for Writer {
    fn default() -> Self {
        let outlet = Outlet::default();
        Self { zip: ZipWriter::new_stream(outlet.clone()), outlet }
    }
}

impl Writer {
    /// Begins an entry of less than 4 GiB.
    ///
    /// # Errors
    /// [`WriteError`] where there is one of this name already.
    pub fn start(&mut self, name: &str, packing: Packing) -> Result<(), WriteError> {
        let method = match packing {
            Packing::Stored => CompressionMethod::Stored,
            Packing::Deflated => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method).unix_permissions(0o644);
        Ok(self.zip.start_file(name, options)?)
    }

    /// Takes the bytes of the archive that are ready, in their order.
    pub fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.outlet.bytes())
    }

    /// Ends the archive and gives the bytes that were not taken.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        let Self { zip, outlet } = self;
        zip.finish()?;
        let bytes = mem::take(&mut *outlet.bytes());
        Ok(bytes)
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.zip.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}
