//! The central directory: which entries an archive has, and whether they may be there.

use std::{
    collections::{HashMap, hash_map},
    ops::Range,
};

use crate::read::{Bad, Contents, Exactly as _, ReadError, Source, shown};

/// Bytes of the record at the end, without a comment.
const END: u64 = 22;
/// Bytes of an entry's record in the directory, and of the header before its content, without names and extra fields.
const RECORD: usize = 46;
const HEADER: u64 = 30;
/// Bytes that a record may have with its name, extra fields and comment: what tools write is below 200.
const RECORD_MAX: u64 = 1_024;
/// A directory of this size is read with the record at the end in one request.
const TAIL: u64 = 64 * 1_024;
/// Below so many bytes the ratio does not matter.
const SMALL: u64 = 64 * 1_024;

const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Options of DEFLATE, sizes behind the content, names in UTF-8.
const KNOWN_FLAGS: u16 = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 11;
const SIZES_BEHIND: u16 = 1 << 3;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The host whose attributes are those of a Unix file (APPNOTE, 4.4.2.2).
const UNIX: u8 = 3;

/// What an archive may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Entries.
    pub entries: usize,
    /// Bytes of all contents together.
    pub total: u64,
    /// How many times as large as its packed bytes a content may be.
    pub ratio: u64,
    /// Most bytes of the content of this name; `None` where there may be no such entry.
    pub most: fn(&str) -> Option<u64>,
}

/// The entries of an archive, all of them within the limits.
#[derive(Clone, Debug, Default)]
pub struct Directory(HashMap<String, Entry>);

/// An entry, as the directory has it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(crate) name: String,
    flags: u16,
    pub(crate) is_deflated: bool,
    pub(crate) crc: u32,
    pub(crate) packed: u64,
    pub(crate) size: u64,
    /// From its header to the next entry.
    room: Range<u64>,
}

impl Directory {
    /// Reads the directory of an archive: one request, two for a large one.
    ///
    /// # Errors
    /// [`Bad`] with the first rule that it breaks.
    pub async fn read<S: Source>(source: &S, limits: &Limits) -> Result<Self, ReadError<S::Error>> {
        let size = source.size();
        let tail_at = size.checked_sub(END).ok_or(Bad::NotAnArchive)?;
        let from = tail_at.saturating_sub(TAIL);
        let tail = source.take(from, size - from).await?;
        let end = End::read(&tail, tail_at, limits)?;
        let length = end.records.end - end.records.start;
        // Behind the records the tail has the record at the end alone.
        let records = match tail.len().checked_sub(as_count(length + END)?) {
            Some(start) => tail.get(start..start + as_count(length)?).unwrap_or_default().to_vec(),
            None => source.take(end.records.start, length).await?,
        };
        let mut records = Fields(&records);
        let mut entries = Vec::with_capacity(end.count);
        for _ in 0..end.count {
            entries.push(Entry::read(&mut records, limits)?);
        }
        if !records.0.is_empty() {
            return Err(Bad::NotAnArchive.into());
        }
        Ok(Self(laid_out(entries, end.records.start, limits)?))
    }

    /// The entry of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }
}

/// The record at the end.
struct End {
    count: usize,
    records: Range<u64>,
}

impl End {
    /// It stands at the very end, right behind the directory: no comment in which a second one could hide, nothing in between.
    fn read(tail: &[u8], at: u64, limits: &Limits) -> Result<Self, Bad> {
        let start = tail.len().checked_sub(as_count(END)?).ok_or(Bad::NotAnArchive)?;
        let mut fields = Fields(tail.get(start..).unwrap_or_default());
        if fields.u32()? != 0x0605_4b50 {
            return Err(Bad::NotAnArchive);
        }
        let (disk, first_disk, here, count) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
        let (length, offset, comment) = (u64::from(fields.u32()?), u64::from(fields.u32()?), fields.u16()?);
        let count = usize::from(count);
        if (disk, first_disk, comment) != (0, 0, 0) || usize::from(here) != count {
            return Err(Bad::Unusual);
        }
        if count > limits.entries || length > RECORD_MAX * limits.entries as u64 {
            return Err(Bad::TooManyEntries(limits.entries));
        }
        // The fields of an archive of the kind ZIP64 are all ones here, so it ends elsewhere too.
        if offset + length != at {
            return Err(Bad::Unusual);
        }
        Ok(Self { count, records: offset..at })
    }
}

impl Entry {
    fn read(fields: &mut Fields<'_>, limits: &Limits) -> Result<Self, Bad> {
        if fields.0.len() < RECORD || fields.u32()? != 0x0201_4b50 {
            return Err(Bad::NotAnArchive);
        }
        let (made_by, _needed, flags, method) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
        let _changed_at = fields.u32()?;
        let (crc, packed, size) = (fields.u32()?, u64::from(fields.u32()?), u64::from(fields.u32()?));
        let lengths = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
        let (disk, _text, attributes, at) = (fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?);
        let name = String::from_utf8_lossy(fields.bytes(lengths[0])?).into_owned();
        fields.bytes(lengths[1])?;
        fields.bytes(lengths[2])?;
        let named = || shown(&name);
        let most = (limits.most)(&name).ok_or_else(|| Bad::Name(named()))?;
        if flags & ENCRYPTED != 0 {
            return Err(Bad::Encrypted(named()));
        }
        let [_version, host] = made_by.to_le_bytes();
        let kind = if host == UNIX { (attributes >> 16) & 0o170_000 } else { 0 };
        // 0 where a tool says nothing; of all kinds a plain file alone may be there (stat.h, S_IFREG).
        if kind != 0 && kind != 0o100_000 {
            return Err(Bad::NotAFile(named()));
        }
        if flags & !KNOWN_FLAGS != 0 || disk != 0 || !matches!(method, STORED | DEFLATED) {
            return Err(Bad::Unusual);
        }
        if size > most {
            return Err(Bad::TooLarge { name: named(), most });
        }
        let is_deflated = method == DEFLATED;
        if (!is_deflated && packed != size) || (packed == 0 && size != 0) {
            return Err(Bad::Damaged(named()));
        }
        if size > SMALL && size > packed.saturating_mul(limits.ratio) {
            return Err(Bad::TooDense(named()));
        }
        let start = u64::from(at);
        Ok(Self { flags, is_deflated, crc, packed, size, room: start..start, name })
    }

    /// Bytes of its content.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Begins to read its content. One request.
    ///
    /// # Errors
    /// [`Bad::Damaged`] where its header says other things than the directory.
    pub async fn open<'a, S: Source>(
        &'a self,
        source: &'a S,
    ) -> Result<Contents<'a, S>, ReadError<S::Error>> {
        let damaged = || Bad::Damaged(shown(&self.name));
        let name = self.name.as_bytes();
        let header = source.take(self.room.start, HEADER + name.len() as u64).await?;
        let mut fields = Fields(&header);
        if fields.u32()? != 0x0403_4b50 {
            return Err(damaged().into());
        }
        let (_needed, flags, method, _changed_at) =
            (fields.u16()?, fields.u16()?, fields.u16()?, fields.u32()?);
        let sums = (fields.u32()?, u64::from(fields.u32()?), u64::from(fields.u32()?));
        let (name_length, extra) = (usize::from(fields.u16()?), u64::from(fields.u16()?));
        let known = (self.crc, self.packed, self.size);
        let sums_agree =
            if flags & SIZES_BEHIND != 0 { sums == (0, 0, 0) || sums == known } else { sums == known };
        let agrees = flags == self.flags
            && (method == DEFLATED) == self.is_deflated
            && name_length == name.len()
            && fields.bytes(name_length)? == name
            && sums_agree;
        let start = self.room.start + HEADER + name.len() as u64 + extra;
        if !agrees || start + self.packed > self.room.end {
            return Err(damaged().into());
        }
        Ok(Contents::new(source, self, start))
    }
}

/// The entries by their names, where none shares bytes with another one or with the directory.
fn laid_out(mut entries: Vec<Entry>, end: u64, limits: &Limits) -> Result<HashMap<String, Entry>, Bad> {
    let total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.size));
    if total > limits.total {
        return Err(Bad::TotalTooLarge(limits.total));
    }
    entries.sort_by_key(|entry| entry.room.start);
    let mut end = end;
    for entry in entries.iter_mut().rev() {
        let least = HEADER + entry.name.len() as u64 + entry.packed;
        if entry.room.start.checked_add(least).is_none_or(|own_end| own_end > end) {
            return Err(Bad::Overlap(shown(&entry.name)));
        }
        entry.room.end = end;
        end = entry.room.start;
    }
    let mut by_name = HashMap::with_capacity(entries.len());
    for entry in entries {
        match by_name.entry(entry.name.clone()) {
            hash_map::Entry::Occupied(twice) => return Err(Bad::Twice(shown(twice.key()))),
            hash_map::Entry::Vacant(free) => free.insert(entry),
        };
    }
    Ok(by_name)
}

/// A number of bytes that are held in memory.
fn as_count(bytes: u64) -> Result<usize, Bad> {
    usize::try_from(bytes).map_err(|_| Bad::NotAnArchive)
}

/// Little-endian fields, one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Bad::NotAnArchive)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, Bad> {
        let bytes = self.bytes(2)?.try_into().map_err(|_| Bad::NotAnArchive)?;
        Ok(u16::from_le_bytes(bytes))
    }

    fn u32(&mut self) -> Result<u32, Bad> {
        let bytes = self.bytes(4)?.try_into().map_err(|_| Bad::NotAnArchive)?;
        Ok(u32::from_le_bytes(bytes))
    }
}
