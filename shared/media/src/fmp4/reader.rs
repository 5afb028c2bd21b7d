use std::io::Read;

use super::boxes::{find, u32_at};
use super::codec::codec_string;
use super::{Error, Fragment};

/// Largest box that is read into memory: a fragment of two seconds has a few megabytes.
const MAX_BOX: u64 = 512 << 20;

/// The init segment: `ftyp` and `moov`, as they are.
#[derive(Debug, Clone)]
pub struct Init {
    /// The bytes of both boxes.
    pub bytes: Vec<u8>,
    /// Ticks per second of the one track.
    pub timescale: u32,
    /// Its id.
    pub track: u32,
    /// The codec by RFC 6381.
    pub codec: String,
}

impl Init {
    /// Reads `ftyp` and `moov`.
    ///
    /// # Errors
    /// When they are damaged or the codec is neither H.264 nor AAC.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        let moov = find(&bytes, 0..bytes.len(), b"moov", "moov")?;
        let trak = find(&bytes, moov, b"trak", "trak")?;
        let tkhd = find(&bytes, trak.clone(), b"tkhd", "tkhd")?;
        // Version 1 has 64-bit times before the id (14496-12, 8.3.2), and before the time scale (8.4.2).
        let after_times =
            |start: usize| Ok::<_, Error>(start + if u32_at(&bytes, start)? >> 24 == 0 { 12 } else { 20 });
        let track = u32_at(&bytes, after_times(tkhd.start)?)?;
        let mdia = find(&bytes, trak, b"mdia", "mdia")?;
        let mdhd = find(&bytes, mdia.clone(), b"mdhd", "mdhd")?;
        let timescale = u32_at(&bytes, after_times(mdhd.start)?)?;
        let minf = find(&bytes, mdia, b"minf", "minf")?;
        let stbl = find(&bytes, minf, b"stbl", "stbl")?;
        let codec = codec_string(&bytes, find(&bytes, stbl, b"stsd", "stsd")?)?;
        if timescale == 0 {
            return Err(Error::Unsupported("a time scale of zero"));
        }
        Ok(Self { bytes, timescale, track, codec })
    }
}

/// Reads an encoder's file: the init segment first, then one fragment at a time.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    init: Init,
}

impl<R: Read> Reader<R> {
    /// Reads up to the end of the `moov` box.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn new(mut input: R) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        loop {
            let Some(kind) = read_box(&mut input, &mut bytes, |k| matches!(k, b"ftyp" | b"moov"))? else {
                return Err(Error::Missing("moov"));
            };
            if &kind == b"moov" {
                return Ok(Self { input, init: Init::parse(bytes)? });
            }
        }
    }

    /// The init segment.
    pub const fn init(&self) -> &Init {
        &self.init
    }

    /// The next fragment, `None` at the end of the file.
    ///
    /// # Errors
    /// When it is damaged or cut off.
    pub fn next_fragment(&mut self) -> Result<Option<Fragment>, Error> {
        let mut bytes = Vec::new();
        loop {
            match read_box(&mut self.input, &mut bytes, |k| matches!(k, b"moof" | b"mdat"))? {
                None if bytes.is_empty() => return Ok(None),
                None => return Err(Error::Missing("mdat")),
                Some(kind) if &kind == b"mdat" => return Fragment::parse(bytes).map(Some),
                Some(_) => {}
            }
        }
    }
}

/// Reads one box; its bytes are added to `to` if its kind is wanted. `None` at the end of the input.
fn read_box(
    input: &mut impl Read,
    to: &mut Vec<u8>,
    wanted: impl Fn(&[u8; 4]) -> bool,
) -> Result<Option<[u8; 4]>, Error> {
    let mut header = Vec::with_capacity(16);
    input.by_ref().take(8).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(None);
    }
    let kind: [u8; 4] = super::boxes::array(&header, 4)?;
    let mut length = u64::from(u32_at(&header, 0)?);
    if length == 1 {
        input.by_ref().take(8).read_to_end(&mut header)?;
        length = super::boxes::u64_at(&header, 8)?;
    }
    let body = length.checked_sub(header.len() as u64).filter(|n| *n <= MAX_BOX).ok_or(Error::BadLength)?;
    // `take` and not a buffer of that size: the length is only a claim.
    let mut rest = input.by_ref().take(body);
    let copied = if wanted(&kind) {
        to.extend_from_slice(&header);
        rest.read_to_end(to)? as u64
    } else {
        std::io::copy(&mut rest, &mut std::io::sink())?
    };
    if copied < body { Err(Error::Truncated("a box")) } else { Ok(Some(kind)) }
}
