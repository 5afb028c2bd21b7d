use domain::media::AudioMode;
use serde::{Deserialize, Serialize};

use crate::CpuTime;

/// What one chunk became. Small enough for an item of a table; the same for every run of the same chunk but for the CPU time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkOutput {
    /// Number of the chunk.
    pub chunk: u32,
    /// Its rungs, in the order of the plan.
    pub rungs: Vec<RungOutput>,
    /// CPU time of the encoder.
    pub cpu: CpuTime,
    /// Errors in the source that the decoder reported and went on from.
    pub decode_errors: u32,
}

/// One rung of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RungOutput {
    /// Nominal short side, as in the plan.
    pub size: u32,
    /// The init segment; identical in all chunks.
    pub init: InitOutput,
    /// The media segments.
    pub segments: Vec<SegmentOutput>,
}

/// An init segment, written as `init.mp4`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitOutput {
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The codec by RFC 6381, such as `avc1.64001F`.
    pub codec: String,
    /// Ticks per second of the segments' durations.
    pub timescale: u32,
}

/// A media segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentOutput {
    /// Number in the film, from 0.
    pub index: u32,
    /// Duration in ticks.
    pub duration: u64,
    /// Frames, or packets of sound.
    pub samples: u32,
    /// Size.
    pub bytes: u64,
}

impl SegmentOutput {
    /// Its file name: `seg_00003.m4s`.
    pub fn name(&self) -> String {
        segment_name(self.index)
    }
}

/// The file name of segment `index`.
pub(crate) fn segment_name(index: u32) -> String {
    format!("seg_{index:05}.m4s")
}

/// What the sound became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioOutput {
    /// The init segment.
    pub init: InitOutput,
    /// The media segments.
    pub segments: Vec<SegmentOutput>,
    /// How it was made; encoded also where the plan says copied, if the source has gaps.
    pub mode: AudioMode,
    /// Number of channels.
    pub channels: u32,
    /// CPU time of the encoder.
    pub cpu: CpuTime,
}

impl RungOutput {
    /// The files that were written, below the output folder, the init segment first.
    pub fn files(&self) -> Vec<String> {
        files(&format!("v{}", self.size), &self.segments)
    }
}

impl AudioOutput {
    /// The files that were written, below the output folder, the init segment first.
    pub fn files(&self) -> Vec<String> {
        files("audio", &self.segments)
    }
}

fn files(dir: &str, segments: &[SegmentOutput]) -> Vec<String> {
    let names = segments.iter().map(SegmentOutput::name);
    std::iter::once("init.mp4".to_owned()).chain(names).map(|name| format!("{dir}/{name}")).collect()
}

/// The content type to store a file with, by its name (RFC 8216 section 4, RFC 4337, W3C WebVTT).
pub fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("m3u8") => "application/vnd.apple.mpegurl",
        Some("m4s") => "video/iso.segment",
        Some("mp4") => "video/mp4",
        Some("jpg") => "image/jpeg",
        Some("vtt") => "text/vtt; charset=utf-8",
        _ => "application/octet-stream",
    }
}
