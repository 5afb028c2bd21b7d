use std::time::Duration;

use domain::media::{
    AudioSource, Color, Container, Limits, Rational, Refusal, Sniffed, SourceInfo, VideoSource, judge,
    measure, sniff,
};
use serde::Deserialize;
use thiserror::Error;

use crate::packets::{self, Packet};
use crate::process::{Bounds, Error, PROBE_MEMORY, run};
use crate::{Source, Tools};

/// How long one probe may take. A source in the same region answers in far less than a second.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The stream description of a file with the most streams that we accept has some 40 KB.
const MAX_DESCRIPTION: usize = 1 << 20;

/// Why a source was not accepted.
#[derive(Debug, Error)]
pub enum InspectError {
    /// It never will be: the owner reads why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be looked at; see [`Error::is_retryable`].
    #[error(transparent)]
    Failed(Error),
}

/// How many bytes from the start of a file [`inspect`] needs as `head`.
pub const fn sniffable_bytes() -> usize {
    4096
}

/// Looks at a source of `bytes` bytes that starts with `head`: recognises its content, reads its streams, judges it by
/// `limits`, then measures its first and last packets.
///
/// The content decides which demuxer is used; ffprobe never guesses, follows no reference to other files, sees no
/// environment and is stopped by time, memory, output and picture size.
///
/// # Errors
/// [`InspectError::Refused`] with the reason for the owner, [`InspectError::Failed`] when the tools or the network fail.
pub async fn inspect(
    tools: &Tools,
    source: &Source,
    head: &[u8],
    bytes: u64,
    limits: &Limits,
) -> Result<SourceInfo, InspectError> {
    if bytes == 0 {
        return Err(Refusal::EmptyFile.into());
    }
    let container = match sniff(head) {
        Sniffed::Container(container) => container,
        Sniffed::Empty => return Err(Refusal::EmptyFile.into()),
        Sniffed::Other(looks_like) => return Err(Refusal::NotAVideo { looks_like }.into()),
    };
    let description = describe(tools, source, container).await.map_err(refuse_content)?;
    let (mut info, average) = description.into_info(container, bytes);
    match judge(&info, limits) {
        // A recording of a browser states no duration; reading it to the end tells.
        Ok(()) | Err(Refusal::NoDuration) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    measure_packets(tools, source, &mut info, average).await?;
    judge(&info, limits)?;
    Ok(info)
}

/// What the tool can't read is damaged; anything else is not the file's fault.
fn refuse_content(error: Error) -> InspectError {
    match error {
        Error::Failed { .. } | Error::TooMuchOutput { .. } => Refusal::Unreadable.into(),
        other => InspectError::Failed(other),
    }
}

async fn describe(tools: &Tools, source: &Source, container: Container) -> Result<Description, Error> {
    let mut command = tools.ffprobe();
    command.args(["-show_format", "-show_streams", "-of", "json"]).args(tools.input(source, container));
    let bounds = Bounds { timeout: TIMEOUT, stdout: MAX_DESCRIPTION, memory: PROBE_MEMORY };
    let finished = run(&mut command, "ffprobe", source, bounds).await?;
    serde_json::from_slice(&finished.stdout)
        .map_err(|e| Error::Failed { tool: "ffprobe", detail: format!("its answer is no description: {e}") })
}

/// Fills in what only packets tell: true start and end, the rhythm, the distance of keyframes.
async fn measure_packets(
    tools: &Tools,
    source: &Source,
    info: &mut SourceInfo,
    average: Option<Rational>,
) -> Result<(), InspectError> {
    let Some(video) = &info.video else { return Ok(()) };
    let (stream, time_base) = (video.stream, video.time_base);
    let bases = packets::Clocks {
        video: (stream, time_base),
        audio: info.audio.as_ref().map(|a| (a.stream, a.time_base)),
    };
    let head = packets::head(tools, source, info.container, &bases).await.map_err(refuse_content)?;
    let shown: Vec<&Packet> = head.packets.iter().filter(|p| p.stream == stream && !p.discarded).collect();
    let first_key = shown.iter().find(|p| p.key).or(shown.first()).ok_or(Refusal::Unreadable)?;
    let start = first_key.pts;

    let tail = packets::tail(tools, source, info.container, &bases, info.duration_ms)
        .await
        .map_err(refuse_content)?;

    let Some(video) = &mut info.video else { return Ok(()) };
    let mut times: Vec<i64> = shown.iter().map(|p| p.pts).filter(|t| *t >= start).collect();
    times.sort_unstable();
    if !head.whole {
        // Frames that are stored later may be shown among the last ones.
        times.truncate(times.len().saturating_sub(16).max(2));
    }
    if let Some(cadence) = measure(&times, time_base, Some(video.frame_rate), average) {
        (video.frame_rate, video.is_vfr) = (cadence.rate, cadence.is_vfr);
    }
    video.start_pts = start;
    let keys: Vec<i64> = shown.iter().filter(|p| p.key).map(|p| p.pts).collect();
    let gap = keys.windows(2).map(|w| w[1] - w[0]).max();
    video.keyframe_gap_ms = gap.map(|g| time_base.rescale(g, Rational::whole(1000)).unsigned_abs());
    video.last_pts = tail.last_pts.filter(|t| *t >= start);
    video.last_duration = tail.last_duration;
    if let Some(audio) = &mut info.audio
        && let Some(first) = head.packets.iter().find(|p| p.stream == audio.stream)
    {
        audio.first_pts = first.pts;
    }
    let start_ms = time_base.rescale(start, Rational::whole(1000));
    let readable = tail.end_ms.map(|end| u64::try_from(end - start_ms).unwrap_or(0));
    info.readable_ms = readable;
    info.duration_ms = info.duration_ms.max(readable);
    Ok(())
}

#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, Default)]
struct Format {
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    index: u32,
    codec_type: Option<String>,
    codec_name: Option<String>,
    profile: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    pix_fmt: Option<String>,
    field_order: Option<String>,
    color_range: Option<String>,
    color_space: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
    r_frame_rate: Option<String>,
    avg_frame_rate: Option<String>,
    time_base: Option<String>,
    start_pts: Option<i64>,
    duration: Option<String>,
    nb_frames: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u32>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Disposition {
    default: u8,
    attached_pic: u8,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Description {
    /// The source as described, and the average frame rate of its picture.
    fn into_info(self, container: Container, bytes: u64) -> (SourceInfo, Option<Rational>) {
        let seconds =
            |text: &Option<String>| text.as_ref().and_then(|t| t.parse::<f64>().ok()).filter(|s| *s > 0.0);
        let pick = |kind: &str| {
            // Cover art of a song is no picture of a film.
            let all = || {
                let fits =
                    |s: &&Stream| s.codec_type.as_deref() == Some(kind) && s.disposition.attached_pic == 0;
                self.streams.iter().filter(fits)
            };
            all().find(|s| s.disposition.default == 1).or_else(|| all().next())
        };
        let picture = pick("video");
        let average = picture.and_then(|s| Rational::parse(s.avg_frame_rate.as_deref()?));
        let video = picture.map(Stream::video);
        let audio = pick("audio").and_then(Stream::audio);
        let stated =
            self.streams.iter().filter_map(|s| seconds(&s.duration)).chain(seconds(&self.format.duration));
        let info = SourceInfo {
            container,
            bytes,
            streams: self.streams.len() as u32,
            duration_ms: stated.max_by(f64::total_cmp).map(|s| (s * 1000.0).round() as u64),
            readable_ms: None,
            video,
            audio,
        };
        (info, average)
    }
}

impl Stream {
    fn clock(&self) -> Rational {
        self.time_base.as_deref().and_then(Rational::parse).unwrap_or(Rational::whole(1))
    }

    fn video(&self) -> VideoSource {
        let rate = |text: &Option<String>| text.as_deref().and_then(Rational::parse);
        let (coded_width, coded_height) = (self.width.unwrap_or(0), self.height.unwrap_or(0));
        let sample_aspect = rate(&self.sample_aspect_ratio).unwrap_or(Rational::whole(1));
        // ffprobe counts counter-clockwise.
        let turned = self.side_data_list.iter().find_map(|s| s.rotation).unwrap_or(0.0);
        let rotation = ((-turned / 90.0).round() as i64 * 90).rem_euclid(360) as u16;
        let seen = (f64::from(coded_width) * sample_aspect.value()).round() as u32;
        let (width, height) = if rotation % 180 == 90 { (coded_height, seen) } else { (seen, coded_height) };
        let pixel_format = self.pix_fmt.clone().unwrap_or_default();
        let known =
            |text: &Option<String>| text.clone().filter(|t| !matches!(t.as_str(), "unknown" | "reserved"));
        VideoSource {
            stream: self.index,
            codec: self.codec_name.clone().unwrap_or_default(),
            width,
            height,
            coded_width,
            coded_height,
            rotation,
            sample_aspect,
            bit_depth: bit_depth(&pixel_format),
            color: Color {
                matrix: known(&self.color_space),
                primaries: known(&self.color_primaries),
                transfer: known(&self.color_transfer),
                full_range: self.color_range.as_deref() == Some("pc") || pixel_format.starts_with("yuvj"),
            },
            pixel_format,
            interlaced: matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
            time_base: self.clock(),
            start_pts: self.start_pts.unwrap_or(0),
            last_pts: None,
            last_duration: 0,
            frame_rate: rate(&self.r_frame_rate)
                .or(rate(&self.avg_frame_rate))
                .unwrap_or(Rational::whole(25)),
            is_vfr: false,
            frames: self.nb_frames.as_ref().and_then(|n| n.parse().ok()),
            keyframe_gap_ms: None,
        }
    }

    fn audio(&self) -> Option<AudioSource> {
        Some(AudioSource {
            stream: self.index,
            codec: self.codec_name.clone()?,
            profile: self.profile.clone(),
            sample_rate: self.sample_rate.as_ref()?.parse().ok().filter(|r| *r > 0)?,
            channels: self.channels.filter(|c| *c > 0)?,
            time_base: self.clock(),
            first_pts: self.start_pts.unwrap_or(0),
        })
    }
}

/// Bits per component from the name of a pixel format: `yuv420p10le` has 10, `yuv420p` 8, `p010le` 10.
fn bit_depth(pixel_format: &str) -> u8 {
    let name = pixel_format.trim_end_matches("le").trim_end_matches("be");
    [9, 10, 12, 14, 16]
        .into_iter()
        .rfind(|bits| name.ends_with(&bits.to_string()) && name != "nv16")
        .unwrap_or(8)
}
