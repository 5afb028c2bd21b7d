use super::Error;
use super::boxes::{array, children, find};

/// The codec string by RFC 6381 section 3.3 of the one sample entry in `stsd`: `avc1.64001F` from the first bytes of
/// `avcC` (ISO/IEC 14496-15), `mp4a.40.2` from the descriptors in `esds` (ISO/IEC 14496-1).
pub(super) fn codec_string(bytes: &[u8], stsd: std::ops::Range<usize>) -> Result<String, Error> {
    // Full box header and entry count come first.
    let entry = children(bytes, stsd.start.saturating_add(8)..stsd.end)
        .next()
        .ok_or(Error::Missing("sample entry"))??;
    match &entry.kind {
        b"avc1" => {
            // A visual sample entry has 78 bytes of fields before its boxes.
            let avcc = find(bytes, entry.body.start + 78..entry.body.end, b"avcC", "avcC")?;
            let [profile, constraints, level] = array(bytes, avcc.start + 1)?;
            Ok(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
        }
        b"mp4a" => {
            // An audio sample entry has 28 bytes of fields before its boxes.
            let esds = find(bytes, entry.body.start + 28..entry.body.end, b"esds", "esds")?;
            let body = bytes.get(esds.start + 4..esds.end).ok_or(Error::Truncated("esds"))?;
            audio_object(body)
        }
        _ => Err(Error::Unsupported("this codec")),
    }
}

/// ES descriptor (3) → decoder config (4) → decoder specific info (5) → audio object type.
fn audio_object(esds: &[u8]) -> Result<String, Error> {
    let es = descriptor(esds, 3)?;
    let flags = *es.get(2).ok_or(Error::Truncated("esds"))?;
    // dependsOn_ES_ID, URL and OCR_ES_ID are optional; no MP4 file has them (14496-14).
    if flags & 0xe0 != 0 {
        return Err(Error::Unsupported("an elementary stream descriptor with options"));
    }
    let config = descriptor(es.get(3..).unwrap_or_default(), 4)?;
    let object_type = *config.first().ok_or(Error::Truncated("esds"))?;
    let info = descriptor(config.get(13..).unwrap_or_default(), 5)?;
    let [a, b] = array(info, 0)?;
    let audio = match a >> 3 {
        31 => 32 + ((a & 7) << 3 | b >> 5),
        n => n,
    };
    Ok(format!("mp4a.{object_type:02x}.{audio}"))
}

/// The content of a descriptor with this tag at the start of `bytes`; its length has 7 bits per byte.
fn descriptor(bytes: &[u8], tag: u8) -> Result<&[u8], Error> {
    if bytes.first() != Some(&tag) {
        return Err(Error::Missing("descriptor in esds"));
    }
    let mut length = 0usize;
    for (i, &byte) in bytes.iter().enumerate().skip(1).take(4) {
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return bytes.get(i + 1..i + 1 + length).ok_or(Error::Truncated("esds"));
        }
    }
    Err(Error::BadLength)
}
