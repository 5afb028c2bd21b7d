use std::ops::Range;

use super::Error;
use super::boxes::{children, find, put, u32_at, u64_at};

/// One `moof` with its `mdat`, of one track.
#[derive(Debug, Clone)]
pub struct Fragment {
    bytes: Vec<u8>,
    sequence_at: usize,
    tfdt: Range<usize>,
    decode_time: u64,
    samples: Vec<Sample>,
}

/// One access unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Duration in ticks.
    pub duration: u32,
    /// Display time minus decode time in ticks.
    pub offset: i64,
    /// Where its bytes are in the fragment.
    pub data: Range<usize>,
}

/// Samples of one fragment at most: an hour of AAC has fewer.
const MAX_SAMPLES: u32 = 1 << 18;

// Flags of `tfhd` and `trun` (14496-12, 8.8.7 and 8.8.8).
const TFHD_BASE: u32 = 0x1;
const TFHD_DESCRIPTION: u32 = 0x2;
const TFHD_DURATION: u32 = 0x8;
const TFHD_SIZE: u32 = 0x10;
const TFHD_BASE_IS_MOOF: u32 = 0x2_0000;
const TRUN_DATA_OFFSET: u32 = 0x1;
const TRUN_FIRST_FLAGS: u32 = 0x4;
const TRUN_DURATION: u32 = 0x100;
const TRUN_SIZE: u32 = 0x200;
const TRUN_FLAGS: u32 = 0x400;
const TRUN_OFFSET: u32 = 0x800;

impl Fragment {
    /// Reads a `moof` box and the `mdat` box right behind it.
    ///
    /// # Errors
    /// When they are damaged, have several tracks, or point outside of themselves.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        let moof = find(&bytes, 0..bytes.len(), b"moof", "moof")?;
        let sequence_at = find(&bytes, moof.clone(), b"mfhd", "mfhd")?.start + 4;
        u32_at(&bytes, sequence_at)?;
        let mut tracks = Vec::new();
        for child in children(&bytes, moof) {
            let child = child?;
            if &child.kind == b"traf" {
                tracks.push(child.body);
            }
        }
        let [traf] = &tracks[..] else { return Err(Error::Unsupported("a fragment of several tracks")) };
        let tfdt = find(&bytes, traf.clone(), b"tfdt", "tfdt")?;
        let decode_time = match u32_at(&bytes, tfdt.start)? >> 24 {
            0 => u64::from(u32_at(&bytes, tfdt.start + 4)?),
            _ => u64_at(&bytes, tfdt.start + 4)?,
        };
        let samples = read_samples(&bytes, traf.clone())?;
        Ok(Self { bytes, sequence_at, tfdt, decode_time, samples })
    }

    /// Decode time of the first sample in ticks.
    pub const fn decode_time(&self) -> u64 {
        self.decode_time
    }

    /// Its samples in decoding order.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Sum of the durations in ticks.
    pub fn duration(&self) -> u64 {
        self.samples.iter().map(|s| u64::from(s.duration)).sum()
    }

    /// The bytes of both boxes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of a sample.
    pub fn data(&self, sample: &Sample) -> &[u8] {
        self.bytes.get(sample.data.clone()).unwrap_or_default()
    }

    /// Moves the fragment by `delta` ticks and gives it a sequence number.
    ///
    /// # Errors
    /// [`Error::TimeRange`] when the time would be below zero or not fit the field.
    pub fn retime(&mut self, sequence: u32, delta: i64) -> Result<(), Error> {
        let time = self.decode_time.checked_add_signed(delta).ok_or(Error::TimeRange)?;
        match u32_at(&self.bytes, self.tfdt.start)? >> 24 {
            0 => {
                let short = u32::try_from(time).map_err(|_| Error::TimeRange)?;
                put(&mut self.bytes, self.tfdt.start + 4, &short.to_be_bytes())?;
            }
            _ => put(&mut self.bytes, self.tfdt.start + 4, &time.to_be_bytes())?,
        }
        self.decode_time = time;
        put(&mut self.bytes, self.sequence_at, &sequence.to_be_bytes())
    }
}

fn read_samples(bytes: &[u8], traf: Range<usize>) -> Result<Vec<Sample>, Error> {
    let tfhd = find(bytes, traf.clone(), b"tfhd", "tfhd")?;
    let flags = u32_at(bytes, tfhd.start)? & 0xff_ffff;
    if flags & TFHD_BASE != 0 || flags & TFHD_BASE_IS_MOOF == 0 {
        return Err(Error::Unsupported("a data offset that does not count from the fragment"));
    }
    let mut at = tfhd.start + 8 + if flags & TFHD_DESCRIPTION != 0 { 4 } else { 0 };
    let mut default = |flag: u32| -> Result<u32, Error> {
        if flags & flag == 0 {
            return Ok(0);
        }
        at += 4;
        u32_at(bytes, at - 4)
    };
    let (duration, size) = (default(TFHD_DURATION)?, default(TFHD_SIZE)?);
    let mut samples = Vec::new();
    let mut data = None;
    for child in children(bytes, traf) {
        let child = child?;
        if &child.kind == b"trun" {
            read_run(bytes, child.body, (duration, size), &mut data, &mut samples)?;
        }
    }
    if samples.is_empty() { Err(Error::Missing("sample in the trun")) } else { Ok(samples) }
}

/// Reads one `trun`; `data` is where the next sample's bytes start, if a run before it told.
fn read_run(
    bytes: &[u8],
    trun: Range<usize>,
    defaults: (u32, u32),
    data: &mut Option<usize>,
    samples: &mut Vec<Sample>,
) -> Result<(), Error> {
    let head = u32_at(bytes, trun.start)?;
    let count = u32_at(bytes, trun.start + 4)?;
    if count > MAX_SAMPLES {
        return Err(Error::BadLength);
    }
    let mut at = trun.start + 8;
    let mut next = |present: bool, default: u32| -> Result<u32, Error> {
        if !present {
            return Ok(default);
        }
        if at + 4 > trun.end {
            return Err(Error::Truncated("trun"));
        }
        at += 4;
        u32_at(bytes, at - 4)
    };
    if head & TRUN_DATA_OFFSET != 0 {
        *data = usize::try_from(next(true, 0)?.cast_signed()).ok();
    }
    next(head & TRUN_FIRST_FLAGS != 0, 0)?;
    for _ in 0..count {
        let duration = next(head & TRUN_DURATION != 0, defaults.0)?;
        let size = next(head & TRUN_SIZE != 0, defaults.1)? as usize;
        next(head & TRUN_FLAGS != 0, 0)?;
        let offset = next(head & TRUN_OFFSET != 0, 0)?;
        // Version 0 has unsigned offsets, version 1 signed ones.
        let offset = if head >> 24 == 0 { i64::from(offset) } else { i64::from(offset.cast_signed()) };
        let start = data.ok_or(Error::Missing("data offset in the trun"))?;
        let end = start.checked_add(size).filter(|e| *e <= bytes.len()).ok_or(Error::Truncated("mdat"))?;
        *data = Some(end);
        samples.push(Sample { duration, offset, data: start..end });
    }
    Ok(())
}
