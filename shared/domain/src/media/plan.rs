use serde::{Deserialize, Serialize};

use super::{Rational, Rung};

/// Seconds of a closed group of pictures; every border of a segment or chunk is one of a group.
pub const GOP_SECONDS: u32 = 2;

/// Most groups of pictures in one HLS segment: 6 s, as RFC 8216 and Apple's authoring rules recommend.
pub const SEGMENT_GOPS: u32 = 3;

/// What the channel and the deployment allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Largest short side of a rung in pixels (2160 for all).
    pub max_size: u32,
    /// How many chunks should be encoded at once, at least.
    pub target_workers: u32,
    /// Shortest chunk in groups of pictures (of two seconds).
    pub min_chunk_gops: u32,
    /// Longest chunk in groups of pictures.
    pub max_chunk_gops: u32,
}

impl Default for Profile {
    /// All rungs up to 2160p, 16 workers, chunks of 6 to 12 s.
    fn default() -> Self {
        Self { max_size: 2160, target_workers: 16, min_chunk_gops: 3, max_chunk_gops: 6 }
    }
}

/// What is made of a source. Small (chunks and segments are computed, not stored), serialisable, and always the same for
/// the same source and profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscodePlan {
    /// How the picture is read.
    pub video: VideoPlan,
    /// Output frame rate.
    pub frame_rate: Rational,
    /// Frames of the output.
    pub frames: u32,
    /// Frames of a full group of pictures.
    pub gop: u32,
    /// Number of chunks, each encoded by one process.
    pub chunks: u32,
    /// Qualities, lowest first.
    pub rungs: Vec<Rung>,
    /// The sound; `None` for a silent film.
    pub audio: Option<AudioPlan>,
    /// Times of the posters in milliseconds.
    pub posters_ms: Vec<u64>,
    /// Width and height of the posters.
    pub poster_size: (u32, u32),
    /// Preview pictures for the seek bar.
    pub storyboard: StoryboardPlan,
}

/// How the picture of the source is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoPlan {
    /// Index of the stream in the file.
    pub stream: u32,
    /// Seconds per tick of its timestamps.
    pub time_base: Rational,
    /// Timestamp of the first frame, which is time zero of the output.
    pub start_pts: i64,
    /// How many milliseconds before a chunk reading starts, beyond the keyframe that the container's index names.
    /// `None`: it has no index and keyframes are rare or can't be searched, so reading starts with the film.
    pub preroll_ms: Option<u64>,
    /// Whether to deinterlace.
    pub deinterlace: bool,
    /// Whether to map high dynamic range to standard.
    pub tone_map: bool,
    /// Whether the source stores RGB and needs a matrix.
    pub rgb: bool,
    /// Matrix, primaries and transfer that the output is marked with.
    pub color: [String; 3],
}

/// One piece of the picture that one process encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Number, from 0.
    pub index: u32,
    /// First frame.
    pub first_frame: u32,
    /// Number of frames.
    pub frames: u32,
    /// Number of its first segment in the whole film.
    pub first_segment: u32,
    /// Whether it is the last one.
    pub last: bool,
}

/// One HLS segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Number in the whole film, from 0.
    pub index: u32,
    /// First frame.
    pub first_frame: u32,
    /// Number of frames.
    pub frames: u32,
}

/// The one audio job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioPlan {
    /// Index of the stream in the file.
    pub stream: u32,
    /// Copied or encoded.
    pub mode: AudioMode,
    /// Samples per second of the output.
    pub sample_rate: u32,
    /// Channels of the output.
    pub channels: u32,
}

/// How the sound is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum AudioMode {
    /// The AAC-LC packets of the source as they are.
    Copy {
        /// Time of the first packet, in samples after the first picture (below zero: before it).
        first_sample: i64,
    },
    /// Encoded to AAC-LC, gaps filled with silence.
    Encode {
        /// Bit rate in kbit/s.
        kbps: u32,
    },
}

impl AudioPlan {
    /// AAC-LC of at most two channels, with 64 kbit/s each.
    pub(super) fn encode(stream: u32, sample_rate: u32, channels: u32) -> Self {
        let channels = channels.clamp(1, 2);
        let sample_rate = if sample_rate == 44_100 { 44_100 } else { 48_000 };
        Self { stream, mode: AudioMode::Encode { kbps: 64 * channels }, sample_rate, channels }
    }

    /// The same sound, encoded instead of copied: for a source whose packets turn out to have gaps.
    pub fn encoded(&self) -> Self {
        Self::encode(self.stream, self.sample_rate, self.channels)
    }
}

/// A grid of small pictures in one JPEG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryboardPlan {
    /// Milliseconds between two pictures.
    pub interval_ms: u64,
    /// Number of pictures.
    pub tiles: u32,
    /// Pictures per row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Width of one picture, even.
    pub width: u32,
    /// Height of one picture, even.
    pub height: u32,
    /// Whether reading keyframes only is dense enough (a long source is then not decoded whole).
    pub keyframes_only: bool,
}

impl TranscodePlan {
    /// Chunk number `index`: groups are spread evenly, so chunks differ by one group at most.
    pub fn chunk(&self, index: u32) -> Option<Chunk> {
        if index >= self.chunks {
            return None;
        }
        let gops = self.frames.div_ceil(self.gop);
        let (share, rest) = (gops / self.chunks, gops % self.chunks);
        let gops_of = |i: u32| share + u32::from(i < rest);
        let first_gop = index * share + index.min(rest);
        let first_segment = (0..index).map(|i| gops_of(i).div_ceil(SEGMENT_GOPS)).sum();
        let first_frame = first_gop * self.gop;
        let end = ((first_gop + gops_of(index)) * self.gop).min(self.frames);
        let last = index + 1 == self.chunks;
        Some(Chunk { index, first_frame, frames: end - first_frame, first_segment, last })
    }

    /// All chunks in order.
    pub fn all_chunks(&self) -> impl Iterator<Item = Chunk> {
        (0..self.chunks).filter_map(|i| self.chunk(i))
    }

    /// The segments of a chunk: as few as [`SEGMENT_GOPS`] allows, of equal length but for one group.
    pub fn segments(&self, chunk: &Chunk) -> Vec<Segment> {
        let gops = chunk.frames.div_ceil(self.gop);
        let count = gops.div_ceil(SEGMENT_GOPS).max(1);
        let mut first_frame = chunk.first_frame;
        let end = chunk.first_frame + chunk.frames;
        (0..count)
            .map(|i| {
                let gops = gops / count + u32::from(i < gops % count);
                let frames = (gops * self.gop).min(end - first_frame);
                let segment = Segment { index: chunk.first_segment + i, first_frame, frames };
                first_frame += frames;
                segment
            })
            .collect()
    }

    /// Ticks per second of the video tracks; a frame is a whole number of ticks long.
    pub const fn timescale(&self) -> u32 {
        let num = self.frame_rate.num();
        if num >= 1000 { num } else { num * 1000 }
    }

    /// Ticks of one frame.
    pub const fn frame_ticks(&self) -> u32 {
        let den = self.frame_rate.den();
        if self.frame_rate.num() >= 1000 { den } else { den * 1000 }
    }

    /// Whether B-frames are used. Below 10 frames a second the two frames by which they delay the start would be
    /// a hole that a viewer sees.
    pub fn b_frames(&self) -> bool {
        self.frame_rate.value() >= 10.0
    }

    /// Frames by which every track starts after zero. A B-frame is stored after the frame that follows it, so
    /// the first decode time lies two frames before the first picture (x264 with its B-pyramid); decode times can't be below zero.
    /// Negative composition offsets would avoid it, but demuxers disagree about those (ffmpeg adds them
    /// as a delay, browsers don't), and then sound and picture are apart in one of them.
    pub fn start_delay(&self) -> u32 {
        if self.b_frames() { 2 } else { 0 }
    }

    /// Duration of the picture in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.frame_rate.inverse().rescale(i64::from(self.frames), Rational::whole(1000)).unsigned_abs()
    }
}
