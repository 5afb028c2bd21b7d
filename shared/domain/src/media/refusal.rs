use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{LooksLike, SourceInfo};

/// What a source may be at most. Duration and size come from the channel's quota, the rest is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest duration in seconds.
    pub max_duration_s: u64,
    /// Largest size in bytes.
    pub max_bytes: u64,
    /// Most streams of any kind.
    pub max_streams: u32,
    /// Most pixels of one picture, as coded.
    pub max_pixels: u64,
    /// Shortest side in pixels, as seen.
    pub min_side: u32,
}

impl Default for Limits {
    /// Four hours, 20 GiB, 16 streams, 8192 × 4352 pixels (the largest picture of H.264 level 6.2), 16 pixels.
    fn default() -> Self {
        Self {
            max_duration_s: 4 * 3600,
            max_bytes: 20 << 30,
            max_streams: 16,
            max_pixels: 8192 * 4352,
            min_side: 16,
        }
    }
}

/// Why a file does not become a video: a stable code for machines, a sentence for the owner.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// Zero bytes.
    #[error("The file is empty. Export the video again and upload it once more.")]
    EmptyFile,
    /// The content is no known video container.
    #[error("This is not a video file: {}. Upload an MP4, MOV, MKV or WebM file.", looks(.looks_like))]
    NotAVideo {
        /// What it looks like instead.
        looks_like: LooksLike,
    },
    /// A container that can't be opened, or no frame of it.
    #[error(
        "The file is damaged or incomplete and can't be read. Play it to its end on your computer, export it again and upload it once more."
    )]
    Unreadable,
    /// The file ends before its stated duration.
    #[error(
        "The file breaks off after {readable_s} s of {stated_s} s. Check that it is complete and upload it once more."
    )]
    Truncated {
        /// Seconds that can be read.
        readable_s: u64,
        /// Seconds that the file states.
        stated_s: u64,
    },
    /// Audio only.
    #[error("The file has sound but no picture. Upload a video.")]
    NoVideoStream,
    /// A codec that is not accepted.
    #[error("The codec \"{codec}\" is not supported. Export the video as H.264 and upload it once more.")]
    UnsupportedCodec {
        /// ffmpeg's name of it.
        codec: String,
    },
    /// The duration is unknown even after reading the file.
    #[error("The duration of the video can't be determined. Export it again as MP4 and upload it once more.")]
    NoDuration,
    /// Longer than the limit.
    #[error("The video is {} long; at most {} are allowed. Cut it into parts.", hms(.duration_s), hms(.max_s))]
    TooLong {
        /// Its duration in seconds.
        duration_s: u64,
        /// The limit in seconds.
        max_s: u64,
    },
    /// Larger than the limit.
    #[error("The file has {} MB; at most {} MB are allowed. Export it with a lower bit rate.", .bytes / 1_000_000, .max / 1_000_000)]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        max: u64,
    },
    /// More streams than the limit.
    #[error(
        "The file has {streams} tracks; at most {max} are allowed. Export it with one picture and one sound track."
    )]
    TooManyStreams {
        /// Its number of streams.
        streams: u32,
        /// The limit.
        max: u32,
    },
    /// More pixels than the limit.
    #[error("The picture of {width} x {height} pixels is too large. Export it in at most 4K (3840 x 2160).")]
    TooManyPixels {
        /// Width as coded.
        width: u32,
        /// Height as coded.
        height: u32,
    },
    /// Too small to encode.
    #[error("The picture of {width} x {height} pixels is too small. Each side needs at least {min} pixels.")]
    TooSmall {
        /// Width as seen.
        width: u32,
        /// Height as seen.
        height: u32,
        /// The limit.
        min: u32,
    },
}

impl Refusal {
    /// The stable code, the same as in the serialised form.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::NotAVideo { .. } => "not_a_video",
            Self::Unreadable => "unreadable",
            Self::Truncated { .. } => "truncated",
            Self::NoVideoStream => "no_video_stream",
            Self::UnsupportedCodec { .. } => "unsupported_codec",
            Self::NoDuration => "no_duration",
            Self::TooLong { .. } => "too_long",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyStreams { .. } => "too_many_streams",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::TooSmall { .. } => "too_small",
        }
    }
}

fn looks(like: &LooksLike) -> &'static str {
    match like {
        LooksLike::Playlist => "it is a playlist that only names other files",
        LooksLike::Text => "it is a text",
        LooksLike::Image => "it is a still image",
        LooksLike::Audio => "it holds only sound",
        LooksLike::Unknown => "its content is not recognised",
    }
}

fn hms(seconds: &u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Decoders that a source may use. ffmpeg has several hundred, most of them for formats that no camera or
/// editor writes; each is one more door for a hostile file.
const VIDEO_CODECS: [&str; 21] = [
    "h264",
    "hevc",
    "av1",
    "vp8",
    "vp9",
    "mpeg4",
    "mpeg2video",
    "mpeg1video",
    "h263",
    "mjpeg",
    "prores",
    "dnxhd",
    "theora",
    "wmv2",
    "wmv3",
    "vc1",
    "flv1",
    "msmpeg4v3",
    "qtrle",
    "ffv1",
    "dvvideo",
];

/// How far a file may end before its stated duration: containers round, and sound often stops a little early.
const END_TOLERANCE_MS: u64 = 2_000;

/// Decides whether a source is accepted.
///
/// # Errors
/// The first rule that it breaks, cheapest first.
pub fn judge(source: &SourceInfo, limits: &Limits) -> Result<(), Refusal> {
    if source.bytes == 0 {
        return Err(Refusal::EmptyFile);
    }
    if source.bytes > limits.max_bytes {
        return Err(Refusal::TooLarge { bytes: source.bytes, max: limits.max_bytes });
    }
    if source.streams > limits.max_streams {
        return Err(Refusal::TooManyStreams { streams: source.streams, max: limits.max_streams });
    }
    let Some(video) = &source.video else { return Err(Refusal::NoVideoStream) };
    if !VIDEO_CODECS.contains(&video.codec.as_str()) {
        return Err(Refusal::UnsupportedCodec { codec: video.codec.clone() });
    }
    if video.coded_width == 0 || video.coded_height == 0 {
        return Err(Refusal::Unreadable);
    }
    let seen = u64::from(video.width) * u64::from(video.height);
    if seen.max(u64::from(video.coded_width) * u64::from(video.coded_height)) > limits.max_pixels {
        return Err(Refusal::TooManyPixels { width: video.coded_width, height: video.coded_height });
    }
    if video.width.min(video.height) < limits.min_side {
        return Err(Refusal::TooSmall { width: video.width, height: video.height, min: limits.min_side });
    }
    let duration_ms = source.duration_ms.filter(|d| *d > 0).ok_or(Refusal::NoDuration)?;
    if duration_ms > limits.max_duration_s * 1_000 {
        return Err(Refusal::TooLong { duration_s: duration_ms / 1_000, max_s: limits.max_duration_s });
    }
    match source.readable_ms {
        Some(end) if end + END_TOLERANCE_MS.max(duration_ms / 50) < duration_ms => {
            Err(Refusal::Truncated { readable_s: end / 1_000, stated_s: duration_ms / 1_000 })
        }
        _ => Ok(()),
    }
}
