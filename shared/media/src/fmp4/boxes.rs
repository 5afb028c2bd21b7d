use std::ops::Range;

use thiserror::Error;

/// Why bytes are not the fragmented MP4 that is expected.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes end inside of a box or field.
    #[error("the bytes end inside of {0}")]
    Truncated(&'static str),
    /// A box whose length is below its own header or beyond its parent.
    #[error("a box has an impossible length")]
    BadLength,
    /// A box that must be there is not.
    #[error("there is no {0} box")]
    Missing(&'static str),
    /// A layout that this code does not cut.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// A time below zero or beyond the field.
    #[error("a decode time does not fit its field")]
    TimeRange,
    /// The reader failed.
    #[error("read: {0}")]
    Read(#[from] std::io::Error),
}

/// A box inside of a byte slice.
#[derive(Debug, Clone)]
pub(super) struct Box4 {
    pub(super) kind: [u8; 4],
    /// Where its content is.
    pub(super) body: Range<usize>,
}

/// The boxes of `bytes[range]`, one after the other.
pub(super) fn children(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Result<Box4, Error>> + '_ {
    let mut at = range.start;
    let end = range.end.min(bytes.len());
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let found = header(bytes, at, end);
        // After an error there is no next border to go on from.
        at = found.as_ref().map_or(end, |b| b.body.end);
        Some(found)
    })
}

fn header(bytes: &[u8], at: usize, end: usize) -> Result<Box4, Error> {
    let size = u32_at(bytes, at)?;
    let kind = array(bytes, at + 4)?;
    let (length, head) = match size {
        0 => (end - at, 8),
        1 => (usize::try_from(u64_at(bytes, at + 8)?).map_err(|_| Error::BadLength)?, 16),
        n => (n as usize, 8),
    };
    let stop = at.checked_add(length).filter(|s| *s <= end && length >= head).ok_or(Error::BadLength)?;
    Ok(Box4 { kind, body: at + head..stop })
}

/// The content of the first box of that kind in `range`.
pub(super) fn find(
    bytes: &[u8],
    range: Range<usize>,
    kind: &[u8; 4],
    name: &'static str,
) -> Result<Range<usize>, Error> {
    for child in children(bytes, range) {
        let child = child?;
        if &child.kind == kind {
            return Ok(child.body);
        }
    }
    Err(Error::Missing(name))
}

pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Error> {
    let slice = at.checked_add(N).and_then(|end| bytes.get(at..end)).ok_or(Error::Truncated("a field"))?;
    slice.try_into().map_err(|_| Error::Truncated("a field"))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Error> {
    array(bytes, at).map(u32::from_be_bytes)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Error> {
    array(bytes, at).map(u64::from_be_bytes)
}

/// Overwrites a field.
pub(super) fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Result<(), Error> {
    let field = bytes.get_mut(at..at + value.len()).ok_or(Error::Truncated("a field"))?;
    field.copy_from_slice(value);
    Ok(())
}
