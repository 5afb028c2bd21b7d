use serde::{Deserialize, Serialize};

use super::{Container, Rational};

/// Everything that the plan needs to know of a source file. Measured once, by ingest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// The container, by content.
    pub container: Container,
    /// Size in bytes.
    pub bytes: u64,
    /// Number of streams of any kind.
    pub streams: u32,
    /// Duration in milliseconds: the picture's, as measured to its last frame where that was possible, or
    /// else the longest duration that the container states.
    pub duration_ms: Option<u64>,
    /// End of the last packet that could be read, in milliseconds from the start of the file; less than the
    /// duration when the file is cut off. `None` when it was not looked for.
    pub readable_ms: Option<u64>,
    /// The picture; `None` for audio only.
    pub video: Option<VideoSource>,
    /// The sound; `None` for a silent film.
    pub audio: Option<AudioSource>,
}

/// The picture of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoSource {
    /// Index among all streams of the file.
    pub stream: u32,
    /// ffmpeg's codec name, such as `h264`.
    pub codec: String,
    /// Width in square pixels as a viewer sees it: after sample aspect ratio and rotation.
    pub width: u32,
    /// Height in square pixels as a viewer sees it.
    pub height: u32,
    /// Width as coded.
    pub coded_width: u32,
    /// Height as coded.
    pub coded_height: u32,
    /// Clockwise rotation for display: 0, 90, 180 or 270 degrees.
    pub rotation: u16,
    /// Sample aspect ratio; 1/1 when unknown.
    pub sample_aspect: Rational,
    /// ffmpeg's pixel format name, such as `yuv420p10le`.
    pub pixel_format: String,
    /// Bits per component.
    pub bit_depth: u8,
    /// Colour description.
    pub color: Color,
    /// Whether the pictures are two interlaced fields.
    pub interlaced: bool,
    /// Seconds per tick of the stream's timestamps.
    pub time_base: Rational,
    /// Timestamp of the first frame that is shown, in ticks.
    pub start_pts: i64,
    /// Timestamp of the last frame, in ticks, where it could be read.
    pub last_pts: Option<i64>,
    /// How long the last frame is shown, in ticks; 0 when unknown.
    pub last_duration: i64,
    /// The source's frame rate; for variable frame rate the nearest sensible constant one.
    pub frame_rate: Rational,
    /// Whether the gaps between frames differ by more than the rounding of timestamps.
    pub is_vfr: bool,
    /// Frame count as the container states it.
    pub frames: Option<u64>,
    /// The longest distance between two keyframes seen at the start, in milliseconds.
    pub keyframe_gap_ms: Option<u64>,
}

impl VideoSource {
    /// Codec and size as 003 stores them in `source_resolution`, for example `1920x1080`.
    pub fn resolution(&self) -> String {
        format!("{}x{}", self.width, self.height)
    }

    /// Whether the picture has a high dynamic range (SMPTE ST 2084 or ARIB STD-B67 transfer).
    pub fn is_hdr(&self) -> bool {
        matches!(self.color.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }
}

/// Colour description of a picture, in ffmpeg's names; `None` where the file says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Color {
    /// Matrix coefficients, such as `bt709`.
    pub matrix: Option<String>,
    /// Primaries.
    pub primaries: Option<String>,
    /// Transfer characteristics.
    pub transfer: Option<String>,
    /// Whether components use all values (`pc`) instead of 16 to 235.
    pub full_range: bool,
}

/// The sound of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioSource {
    /// Index among all streams of the file.
    pub stream: u32,
    /// ffmpeg's codec name, such as `aac`.
    pub codec: String,
    /// Profile, such as `LC`.
    pub profile: Option<String>,
    /// Samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u32,
    /// Seconds per tick of the stream's timestamps.
    pub time_base: Rational,
    /// Timestamp of the very first packet in ticks, encoder priming included (so it may be below the stream's
    /// stated start).
    pub first_pts: i64,
}
