use serde::{Deserialize, Serialize};

/// The containers that are accepted. Each is one demuxer of ffmpeg; playlists, image sequences and scripts
/// (hls, dash, concat, image2, …) are not among them and can't be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// MP4, MOV, M4V, 3GP.
    Mp4,
    /// Matroska and WebM.
    Matroska,
    /// AVI.
    Avi,
    /// MPEG transport stream (also with 192-byte packets).
    MpegTs,
    /// MPEG program stream.
    MpegPs,
    /// Flash video.
    Flv,
    /// ASF / WMV.
    Asf,
    /// Ogg.
    Ogg,
}

impl Container {
    /// The name of ffmpeg's demuxer for `-f`: the format is never guessed by ffmpeg.
    pub const fn demuxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mov",
            Self::Matroska => "matroska",
            Self::Avi => "avi",
            Self::MpegTs => "mpegts",
            Self::MpegPs => "mpeg",
            Self::Flv => "flv",
            Self::Asf => "asf",
            Self::Ogg => "ogg",
        }
    }
}

/// What a file that is not a video looks like, for the sentence that the owner reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LooksLike {
    /// HLS, DASH or concat playlist.
    Playlist,
    /// Any other text.
    Text,
    /// A still image.
    Image,
    /// Sound only, by its container.
    Audio,
    /// Nothing known.
    Unknown,
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A container that may hold video.
    Container(Container),
    /// Something else.
    Other(LooksLike),
    /// No bytes at all.
    Empty,
}

const ASF_HEADER: [u8; 16] =
    [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0x00, 0xaa, 0x00, 0x62, 0xce, 0x6c];

/// Recognises a file by its first bytes (1 KiB or more is best), never by its name or declared type.
///
/// Signatures: ISO/IEC 14496-12 (MP4), RFC 8794 (Matroska), ISO/IEC 13818-1 (MPEG), RFC 3533 (Ogg).
pub fn sniff(head: &[u8]) -> Sniffed {
    use LooksLike::{Audio, Image, Playlist, Text, Unknown};
    if head.is_empty() {
        return Sniffed::Empty;
    }
    let other = Sniffed::Other;
    let at = |from: usize, len: usize| head.get(from..from + len).unwrap_or_default();
    match at(4, 4) {
        b"ftyp" => {
            let still = [&b"heic"[..], b"heix", b"avif", b"avis", b"mif1", b"msf1"].contains(&at(8, 4));
            return if still { other(Image) } else { Sniffed::Container(Container::Mp4) };
        }
        // QuickTime files from before `ftyp` start with any of these boxes.
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" => {
            return Sniffed::Container(Container::Mp4);
        }
        _ => {}
    }
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"RIFF") {
        return match at(8, 4) {
            b"AVI " => Sniffed::Container(Container::Avi),
            b"WAVE" => other(Audio),
            b"WEBP" => other(Image),
            _ => other(Unknown),
        };
    }
    if starts(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return Sniffed::Container(Container::Matroska);
    }
    if starts(b"OggS") {
        return Sniffed::Container(Container::Ogg);
    }
    if starts(b"FLV\x01") {
        return Sniffed::Container(Container::Flv);
    }
    if starts(&ASF_HEADER) {
        return Sniffed::Container(Container::Asf);
    }
    if starts(&[0, 0, 1, 0xba]) {
        return Sniffed::Container(Container::MpegPs);
    }
    let sync = |offset: usize, step: usize| (0..3).all(|i| head.get(offset + i * step) == Some(&0x47));
    if sync(0, 188) || sync(4, 192) {
        return Sniffed::Container(Container::MpegTs);
    }
    if starts(b"ID3") || starts(b"fLaC") || (head[0] == 0xff && head.get(1).is_some_and(|b| b & 0xe0 == 0xe0))
    {
        return other(if starts(&[0xff, 0xd8, 0xff]) { Image } else { Audio });
    }
    let image = [&[0xff, 0xd8, 0xff][..], b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*"];
    if image.iter().any(|magic| starts(magic)) {
        return other(Image);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let trimmed = text.trim_ascii_start();
    if trimmed.starts_with(b"#EXTM3U") || trimmed.starts_with(b"ffconcat") || contains(trimmed, b"<MPD") {
        return other(Playlist);
    }
    let printable = text.iter().all(|&b| b >= 0x20 || matches!(b, b'\n' | b'\r' | b'\t' | 0x0c));
    other(if printable { Text } else { Unknown })
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}
