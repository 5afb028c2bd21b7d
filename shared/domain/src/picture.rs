//! Pictures of people, courses and videos: what may be uploaded, and what a file's own header says before any decoder sees it.

use kernel::SignedDuration;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Largest file that is taken: a photograph of a telephone has 2 to 4 MB.
pub const MAX_BYTES: u64 = 5 * 1024 * 1024;
/// Most pixels that are decoded. Four bytes each make 200 MB, which the job's memory of 1 GB holds twice.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Shortest side: below it the picture would be blown up eight times and more.
pub const MIN_SIDE: u32 = 64;
/// Side of the square that is shown.
pub const SIDE: u32 = 512;
/// Width of a course's or video's picture: 16 to 9, as players and lists show films.
pub const THUMBNAIL_WIDTH: u32 = 1280;
/// Height of a course's or video's picture.
pub const THUMBNAIL_HEIGHT: u32 = 720;
/// How long the URL of an upload takes the file.
pub const URL_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Uploads of one user in an hour; each costs a decoding.
pub const UPLOADS_PER_HOUR: u32 = 10;

/// The formats that are taken. Each is one decoder of ffmpeg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum PictureFormat {
    /// ITU-T T.81.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// W3C PNG.
    #[serde(rename = "image/png")]
    Png,
    /// RFC 9649, still pictures only.
    #[serde(rename = "image/webp")]
    Webp,
}

impl PictureFormat {
    /// The content type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The name of ffmpeg's demuxer: the format is never guessed by ffmpeg.
    pub const fn demuxer(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg_pipe",
            Self::Png => "png_pipe",
            Self::Webp => "webp_pipe",
        }
    }

    /// The name of ffmpeg's decoder, the only one that may be opened.
    pub const fn decoder(self) -> &'static str {
        match self {
            Self::Jpeg => "mjpeg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }
}

/// What is made of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureShape {
    /// [`SIDE`] by [`SIDE`].
    Square,
    /// [`THUMBNAIL_WIDTH`] by [`THUMBNAIL_HEIGHT`].
    Wide,
}

/// Why a file does not become a picture; each sentence is for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum PictureRefusal {
    /// The content is none of the formats, whatever its name and type say.
    #[error("The file is not a picture that can be shown. Upload a JPEG, PNG or WebP file.")]
    NotAPicture,
    /// More bytes than [`MAX_BYTES`].
    #[error("The file is larger than 5 MB. Make the picture smaller and upload it once more.")]
    TooLarge,
    /// More pixels than [`MAX_PIXELS`].
    #[error("The picture of {width} x {height} pixels is too large. Make it smaller than 50 megapixels.")]
    TooManyPixels {
        /// Width as the header says.
        width: u32,
        /// Height as the header says.
        height: u32,
    },
    /// A side below [`MIN_SIDE`].
    #[error(
        "The picture of {width} x {height} pixels is too small. Each side needs at least {MIN_SIDE} pixels."
    )]
    TooSmall {
        /// Width as the header says.
        width: u32,
        /// Height as the header says.
        height: u32,
    },
    /// A picture that moves.
    #[error("The picture is animated. Upload one that stands still.")]
    Animated,
    /// The header is well and the rest is not.
    #[error("The picture is damaged or incomplete and can't be read. Save it again and upload it once more.")]
    Unreadable,
}

/// What the header of a picture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureHeader {
    /// The format, by the first bytes.
    pub format: PictureFormat,
    /// Width as stored; a camera's orientation may turn it.
    pub width: u32,
    /// Height as stored.
    pub height: u32,
}

/// Reads the header of a whole file and decides whether it may be decoded. Name and declared type count for nothing.
///
/// # Errors
/// The first rule that it breaks, cheapest first.
pub fn inspect(file: &[u8]) -> Result<PictureHeader, PictureRefusal> {
    if file.len() as u64 > MAX_BYTES {
        return Err(PictureRefusal::TooLarge);
    }
    let (format, size) = if file.starts_with(&[0xff, 0xd8, 0xff]) {
        (PictureFormat::Jpeg, jpeg_size(file))
    } else if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        (PictureFormat::Png, png_size(file))
    } else if file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
        if file.get(12..16) == Some(b"VP8X") && file.get(20).is_some_and(|flags| flags & 0x02 != 0) {
            return Err(PictureRefusal::Animated);
        }
        (PictureFormat::Webp, webp_size(file))
    } else {
        return Err(PictureRefusal::NotAPicture);
    };
    let (width, height) = size.ok_or(PictureRefusal::Unreadable)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureRefusal::TooManyPixels { width, height });
    }
    if width.min(height) < MIN_SIDE {
        return Err(PictureRefusal::TooSmall { width, height });
    }
    Ok(PictureHeader { format, width, height })
}

fn be16(file: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(file.get(at..at + 2)?.try_into().ok()?)))
}

fn be32(file: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?))
}

/// The first frame header: segment after segment (ITU-T T.81, B.1.1.4), each with its length.
fn jpeg_size(file: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *file.get(at)? != 0xff {
            return None;
        }
        match *file.get(at + 1)? {
            // A fill byte before a marker (B.1.1.2).
            0xff => at += 1,
            // SOF0 to SOF15 without DHT, JPG and DAC, which lie among them (table B.1).
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((be16(file, at + 7)?, be16(file, at + 5)?));
            }
            // The picture's data, or its end, before any frame header.
            0xd9 | 0xda => return None,
            _ => {
                let length = usize::try_from(be16(file, at + 2)?).ok()?;
                // The length counts itself.
                at = if length < 2 { return None } else { at + 2 + length };
            }
        }
    }
}

/// IHDR is the first chunk (PNG, 5.6).
fn png_size(file: &[u8]) -> Option<(u32, u32)> {
    (file.get(12..16)? == b"IHDR").then(|| Some((be32(file, 16)?, be32(file, 20)?)))?
}

/// The first chunk of a WebP (RFC 9649, 2.5 to 2.7).
fn webp_size(file: &[u8]) -> Option<(u32, u32)> {
    let le24 = |at: usize| {
        let bytes = file.get(at..at + 3)?;
        Some(u32::from(bytes[0]) | u32::from(bytes[1]) << 8 | u32::from(bytes[2]) << 16)
    };
    match file.get(12..16)? {
        b"VP8X" => Some((le24(24)? + 1, le24(27)? + 1)),
        b"VP8 " if file.get(23..26)? == [0x9d, 0x01, 0x2a] => {
            // The upper two bits of each are a scale for display (RFC 6386, 9.1).
            Some((le24(26)? & 0x3fff, le24(28)? & 0x3fff))
        }
        b"VP8L" if *file.get(20)? == 0x2f => {
            let bits = u32::from_le_bytes(file.get(21..25)?.try_into().ok()?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        file.extend([0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 9]);
        file.extend([0xff, 0xc2, 0, 11, 8]);
        file.extend(height.to_be_bytes());
        file.extend(width.to_be_bytes());
        file.extend([1, 1, 0x11, 0]);
        file
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file
    }

    fn webp(chunk: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
        file.extend(chunk);
        file.extend([0; 4]);
        file.extend(content);
        file
    }

    fn size(file: &[u8]) -> Result<(PictureFormat, u32, u32), PictureRefusal> {
        inspect(file).map(|header| (header.format, header.width, header.height))
    }

    #[test]
    fn each_format_tells_its_size() {
        assert_eq!(size(&jpeg(640, 480)), Ok((PictureFormat::Jpeg, 640, 480)));
        assert_eq!(size(&png(640, 480)), Ok((PictureFormat::Png, 640, 480)));
        let lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0xe0, 0x01, 0];
        assert_eq!(size(&webp(b"VP8 ", &lossy)), Ok((PictureFormat::Webp, 640, 480)));
        let bits = 639u32 | 479 << 14;
        let lossless = [&[0x2f][..], &bits.to_le_bytes()].concat();
        assert_eq!(size(&webp(b"VP8L", &lossless)), Ok((PictureFormat::Webp, 640, 480)));
        let extended = [0x10, 0, 0, 0, 0x7f, 0x02, 0, 0xdf, 0x01, 0];
        assert_eq!(size(&webp(b"VP8X", &extended)), Ok((PictureFormat::Webp, 640, 480)));
    }

    #[test]
    fn limits_hold_to_the_pixel() {
        assert!(size(&png(10_000, 5_000)).is_ok());
        let large = PictureRefusal::TooManyPixels { width: 10_000, height: 5_001 };
        assert_eq!(size(&png(10_000, 5_001)), Err(large));
        assert!(size(&png(64, 64)).is_ok());
        assert_eq!(size(&png(63, 64)), Err(PictureRefusal::TooSmall { width: 63, height: 64 }));
        assert_eq!(size(&png(0, 64)), Err(PictureRefusal::TooSmall { width: 0, height: 64 }));
        let most = usize::try_from(MAX_BYTES).unwrap();
        let mut padded = png(64, 64);
        padded.resize(most, 0);
        assert!(size(&padded).is_ok());
        padded.push(0);
        assert_eq!(size(&padded), Err(PictureRefusal::TooLarge));
    }

    #[test]
    fn what_is_no_still_picture_is_refused() {
        for file in [
            &b""[..],
            b"#EXTM3U\n",
            b"<svg xmlns=",
            b"GIF89a",
            b"%PDF-1.7",
            b"\0\0\0\x18ftypheic",
            b"RIFF\0\0\0\0AVI ",
        ] {
            assert_eq!(size(file), Err(PictureRefusal::NotAPicture), "{file:?}");
        }
        let moving = [0x02, 0, 0, 0, 0x7f, 0x02, 0, 0xdf, 0x01, 0];
        assert_eq!(size(&webp(b"VP8X", &moving)), Err(PictureRefusal::Animated));
        assert_eq!(size(&[0xff, 0xd8, 0xff, 0xda, 0, 2]), Err(PictureRefusal::Unreadable));
        assert_eq!(size(&[0xff, 0xd8, 0xff, 0xe0, 0, 1]), Err(PictureRefusal::Unreadable), "a length of one");
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_answer(start in 0..4usize, rest in prop::collection::vec(any::<u8>(), 0..300)) {
            let magic = [&b""[..], &[0xff, 0xd8, 0xff], b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X"][start];
            if let Ok(header) = inspect(&[magic, &rest].concat()) {
                prop_assert!(u64::from(header.width) * u64::from(header.height) <= MAX_PIXELS);
                prop_assert!(header.width.min(header.height) >= MIN_SIDE);
            }
        }

        #[test]
        fn a_cut_header_is_refused(cut in 0..24usize) {
            prop_assert!(inspect(&png(640, 480)[..cut]).is_err());
        }
    }
}
