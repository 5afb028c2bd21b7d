//! Archives as a stranger could make them, and a source that counts what is asked of it.

use std::{cell::Cell, convert::Infallible, io::Write as _};

use archive::{Bad, Directory, Limits, ReadError, Source};
use flate2::{Compression, write::DeflateEncoder};
use futures::FutureExt as _;

/// Up to ten entries of 200 KB, named by letters.
pub(crate) const LIMITS: Limits =
    Limits { entries: 10, total: 300_000, ratio: 100, most: |name| allowed(name).then_some(200_000) };

fn allowed(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_lowercase())
}

pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) requests: Cell<usize>,
}

impl From<Vec<u8>> for Memory {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, requests: Cell::new(0) }
    }
}

impl Source for Memory {
    type Error = Infallible;

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    async fn read(&self, from: u64, length: u64) -> Result<Vec<u8>, Infallible> {
        self.requests.set(self.requests.get() + 1);
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(from + length).unwrap());
        Ok(self.bytes[from..to].to_vec())
    }
}

/// What comes of reading from memory, which is ready at once.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("memory is ready")
}

/// An entry with every field as the test wants it.
#[derive(Clone)]
pub(crate) struct Raw {
    pub(crate) name: Vec<u8>,
    pub(crate) header_name: Vec<u8>,
    pub(crate) made_by: u16,
    pub(crate) flags: u16,
    pub(crate) header_flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u32,
    pub(crate) size: u32,
    pub(crate) attributes: u32,
    pub(crate) data: Vec<u8>,
    /// Where the directory says that it is; where it is, otherwise.
    pub(crate) at: Option<u32>,
}

impl Raw {
    pub(crate) fn stored(name: &str, content: &[u8]) -> Self {
        let size = u32::try_from(content.len()).unwrap();
        Self {
            name: name.into(),
            header_name: name.into(),
            made_by: 3 << 8 | 20,
            flags: 0,
            header_flags: 0,
            method: 0,
            crc: crc32fast::hash(content),
            packed: size,
            size,
            attributes: 0o100_644 << 16,
            data: content.to_vec(),
            at: None,
        }
    }

    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
        packer.write_all(content).unwrap();
        let data = packer.finish().unwrap();
        let packed = u32::try_from(data.len()).unwrap();
        Self { method: 8, packed, data, ..Self::stored(name, content) }
    }
}

/// The bytes of an archive of these entries.
pub(crate) fn zip(entries: &[Raw]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for raw in entries {
        let at = raw.at.unwrap_or(u32::try_from(bytes.len()).unwrap());
        let sums = [raw.crc, raw.packed, raw.size].map(u32::to_le_bytes).concat();
        bytes.extend(0x0403_4b50u32.to_le_bytes());
        bytes.extend([20, raw.header_flags, raw.method, 0, 0].map(u16::to_le_bytes).concat());
        bytes.extend(&sums);
        bytes.extend([u16::try_from(raw.header_name.len()).unwrap(), 0].map(u16::to_le_bytes).concat());
        bytes.extend(&raw.header_name);
        bytes.extend(&raw.data);
        directory.extend(0x0201_4b50u32.to_le_bytes());
        directory.extend([raw.made_by, 20, raw.flags, raw.method, 0, 0].map(u16::to_le_bytes).concat());
        directory.extend(&sums);
        let name = u16::try_from(raw.name.len()).unwrap();
        directory.extend([name, 0, 0, 0, 0].map(u16::to_le_bytes).concat());
        directory.extend([raw.attributes, at].map(u32::to_le_bytes).concat());
        directory.extend(&raw.name);
    }
    let (at, length) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    let count = u16::try_from(entries.len()).unwrap();
    bytes.extend(directory);
    bytes.extend(0x0605_4b50u32.to_le_bytes());
    bytes.extend([0, 0, count, count].map(u16::to_le_bytes).concat());
    bytes.extend([length, at].map(u32::to_le_bytes).concat());
    bytes.extend(0u16.to_le_bytes());
    bytes
}

/// Reads the directory and the contents of the entries with these names.
pub(crate) fn read(bytes: &[u8], names: &[&str]) -> Result<Vec<Vec<u8>>, Bad> {
    let source = Memory::from(bytes.to_vec());
    let all = async {
        let directory = Directory::read(&source, &LIMITS).await?;
        let mut contents = Vec::new();
        for name in names {
            contents.push(directory.get(name).expect("an entry").open(&source).await?.all().await?);
        }
        Ok(contents)
    };
    block_on(all).map_err(|error: ReadError<Infallible>| match error {
        ReadError::Bad(bad) => bad,
        ReadError::Source(never) => match never {},
    })
}
