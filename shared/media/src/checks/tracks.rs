use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use tokio::process::Command;

use crate::process::{Bounds, ENCODE_MEMORY, Finished, run};
use crate::{Error, Source, Tools};

const BOUNDS: Bounds = Bounds { timeout: Duration::from_secs(600), stdout: 128 << 20, memory: ENCODE_MEMORY };

/// The packets of one track, as a player meets them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackCheck {
    /// Frames, or packets of sound.
    pub packets: u32,
    /// When the first is shown, in seconds.
    pub first_s: f64,
    /// When the last ends, in seconds.
    pub end_s: f64,
    /// The largest difference between the distance of two packets and the duration of the first, in milliseconds.
    pub max_gap_ms: f64,
    /// Whether decode times always grow.
    pub ordered: bool,
    /// The largest distance of two keyframes in seconds.
    pub max_key_gap_s: f64,
}

/// Reads a local playlist or file. Our own work: the guards for foreign files are not needed, and HLS is allowed.
fn input(command: &mut Command, path: &Path) {
    if path.extension().is_some_and(|e| e == "m3u8") {
        command.args(["-allowed_extensions", "ALL", "-protocol_whitelist", "file,crypto,data"]);
    }
    command.arg("-i").arg(path);
}

/// Measures the packets of the first video or audio track of a playlist or file.
///
/// # Errors
/// [`Error`], also for a track without packets.
pub async fn track(tools: &Tools, path: &Path) -> Result<TrackCheck, Error> {
    let mut command = tools.ffprobe();
    let entries = "packet=pts_time,dts_time,duration_time,flags";
    command.args(["-select_streams", "0", "-show_entries", entries, "-of", "csv=p=0"]);
    input(&mut command, path);
    let finished = run(&mut command, "ffprobe", &Source::file(path), BOUNDS).await?;
    let text = String::from_utf8_lossy(&finished.stdout);
    let mut packets: Vec<(f64, f64, Option<f64>, bool)> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(',');
            let (pts, dts) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            // ffmpeg's HLS reader leaves out the duration of the first packet of sound.
            let duration = fields.next()?.parse().ok();
            Some((pts, dts, duration, fields.next()?.contains('K')))
        })
        .collect();
    let ordered = packets.windows(2).all(|w| w[0].1 < w[1].1);
    packets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(first), Some(last)) = (packets.first(), packets.last()) else {
        return Err(Error::Failed { tool: "ffprobe", detail: "the track has no packets".to_owned() });
    };
    let largest = |gaps: &mut dyn Iterator<Item = f64>| gaps.fold(0.0, f64::max);
    let keys: Vec<f64> = packets.iter().filter(|p| p.3).map(|p| p.0).collect();
    Ok(TrackCheck {
        packets: packets.len() as u32,
        first_s: first.0,
        end_s: last.0 + last.2.unwrap_or(0.0),
        max_gap_ms: largest(&mut packets.windows(2).map(|w| {
            let duration = w[0].2.or(w[1].2).unwrap_or(0.0);
            (w[1].0 - w[0].0 - duration).abs() * 1000.0
        })),
        ordered,
        max_key_gap_s: largest(&mut keys.windows(2).map(|w| w[1] - w[0])),
    })
}

/// How far apart picture and sound start, in milliseconds.
///
/// # Errors
/// [`Error`].
pub async fn start_difference_ms(tools: &Tools, video: &Path, audio: &Path) -> Result<f64, Error> {
    Ok((track(tools, video).await?.first_s - track(tools, audio).await?.first_s).abs() * 1000.0)
}

/// Decodes all of a playlist or file and returns the number of errors that the decoder reports.
///
/// # Errors
/// [`Error`] when it can't be decoded to its end.
pub async fn decode(tools: &Tools, path: &Path) -> Result<u32, Error> {
    filter(tools, path, &[]).await.map(|f| f.error_lines())
}

/// When the picture first becomes bright (a flash in a dark film), in seconds; `None` when it never does.
///
/// # Errors
/// [`Error`].
pub async fn video_onset_s(tools: &Tools, path: &Path) -> Result<Option<f64>, Error> {
    let graph = "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-";
    let finished = filter(tools, path, &["-vf", graph]).await?;
    let text = String::from_utf8_lossy(&finished.stdout);
    let mut time = None;
    for line in text.lines() {
        if let Some((_, at)) = line.split_once("pts_time:") {
            time = at.trim().parse().ok();
        } else if let Some(level) = line.strip_prefix("lavfi.signalstats.YAVG=")
            && level.parse::<f64>().is_ok_and(|l| l > 120.0)
        {
            return Ok(time);
        }
    }
    Ok(None)
}

/// When the sound first becomes loud (a beep after silence), in seconds; `None` when it never does.
///
/// # Errors
/// [`Error`].
pub async fn audio_onset_s(tools: &Tools, path: &Path) -> Result<Option<f64>, Error> {
    let finished = filter(tools, path, &["-af", "silencedetect=noise=-30dB:duration=0.2"]).await?;
    let end = finished.log.lines().find_map(|l| l.split_once("silence_end: "));
    Ok(end.and_then(|(_, rest)| rest.split([' ', '|']).next()?.parse().ok()))
}

async fn filter(tools: &Tools, path: &Path, filters: &[&str]) -> Result<Finished, Error> {
    let mut command = tools.ffmpeg();
    // The film's own clock, not one that starts at its first packet.
    command.arg("-copyts");
    input(&mut command, path);
    command.args(filters).args(["-f", "null", "-"]);
    run(&mut command, "ffmpeg", &Source::file(path), BOUNDS).await
}
