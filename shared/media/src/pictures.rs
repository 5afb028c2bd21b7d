use std::path::Path;
use std::time::Duration;

use domain::media::{Container, StoryboardPlan, TranscodePlan};
use serde::{Deserialize, Serialize};

use crate::process::{Bounds, ENCODE_MEMORY, run};
use crate::transcode::TONE_MAP;
use crate::{Error, Source, Tools};

/// One picture takes a moment; a storyboard of a long film with rare keyframes decodes all of it.
const POSTER_TIMEOUT: Duration = Duration::from_secs(60);
const STORYBOARD_TIMEOUT: Duration = Duration::from_secs(800);

/// A poster for the owner to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// File name: `poster_0.jpg`.
    pub name: String,
    /// Its time in the film, in milliseconds.
    pub at_ms: u64,
    /// Size in pixels.
    pub width: u32,
    /// Size in pixels.
    pub height: u32,
    /// Size in bytes.
    pub bytes: u64,
}

/// Takes a poster at each planned time; writes `poster_{n}.jpg` into `out`.
///
/// # Errors
/// [`Error`]; a time of which no picture can be decoded is left out, unless that leaves none.
pub async fn posters(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    out: &Path,
) -> Result<Vec<Picture>, Error> {
    let (width, height) = plan.poster_size;
    let mut pictures = Vec::new();
    let mut failure = None;
    std::fs::create_dir_all(out)?;
    for &at_ms in &plan.posters_ms {
        let name = format!("poster_{}.jpg", pictures.len());
        let path = out.join(&name);
        let mut command = tools.ffmpeg();
        let base = plan.video.start_pts as f64 * plan.video.time_base.value();
        let at = base + at_ms as f64 / 1000.0;
        command.args(["-seek_timestamp", "1", "-ss", &format!("{at:.3}"), "-threads", "1"]);
        command.args(tools.input(source, container));
        command.args([
            "-map",
            &format!("0:{}", plan.video.stream),
            "-vf",
            &jpeg(plan, width, height),
            "-frames:v",
            "1",
        ]);
        command.args(["-c:v", "mjpeg", "-q:v", "3", "-f", "image2", "-update", "1"]).arg(&path);
        let bounds = Bounds { timeout: POSTER_TIMEOUT, stdout: 64 * 1024, memory: ENCODE_MEMORY };
        match run(&mut command, "ffmpeg", source, bounds).await {
            Ok(_) => {
                // Behind the last picture there is nothing to take, and ffmpeg ends well.
                if let Ok(file) = std::fs::metadata(&path)
                    && file.len() > 0
                {
                    pictures.push(Picture { name, at_ms, width, height, bytes: file.len() });
                }
            }
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => failure = Some(error),
        }
    }
    if pictures.is_empty() {
        let none = Error::Failed { tool: "ffmpeg", detail: "no picture could be taken".to_owned() };
        return Err(failure.unwrap_or(none));
    }
    Ok(pictures)
}

/// Makes the preview pictures of the seek bar: writes `storyboard.jpg` and `storyboard.vtt` into `out`.
///
/// # Errors
/// [`Error`].
pub async fn storyboard(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    out: &Path,
) -> Result<(), Error> {
    let board = &plan.storyboard;
    std::fs::create_dir_all(out)?;
    let mut command = tools.ffmpeg();
    command.args(["-copyts", "-threads", "1"]);
    if board.keyframes_only {
        // `-discard` leaves other packets unread, `-skip_frame` undecoded.
        command.args(["-discard", "nokey", "-skip_frame", "nokey"]);
    }
    command.args(tools.input(source, container));
    // Rounding up: tile k shows what is on the screen at k intervals.
    let filter = format!(
        "[0:{}]setpts=PTS-({}),fps=fps=1000/{}:start_time=0:round=up,tpad=stop=-1:stop_mode=clone,{},tile={}x{}[board]",
        plan.video.stream,
        plan.video.start_pts,
        board.interval_ms,
        jpeg(plan, board.width, board.height),
        board.columns,
        board.rows,
    );
    command.args(["-filter_complex", &filter, "-map", "[board]", "-frames:v", "1"]);
    command
        .args(["-c:v", "mjpeg", "-q:v", "4", "-f", "image2", "-update", "1"])
        .arg(out.join("storyboard.jpg"));
    let bounds = Bounds { timeout: STORYBOARD_TIMEOUT, stdout: 64 * 1024, memory: ENCODE_MEMORY };
    run(&mut command, "ffmpeg", source, bounds).await?;
    std::fs::write(out.join("storyboard.vtt"), storyboard_vtt(board, plan.duration_ms(), "storyboard.jpg"))?;
    Ok(())
}

/// Size and colours of a JPEG: BT.601 in full range, whatever the film has (JFIF 1.02).
fn jpeg(plan: &TranscodePlan, width: u32, height: u32) -> String {
    let from = match plan.video.color[0].as_str() {
        _ if plan.video.rgb => "auto",
        "bt470bg" => "bt470",
        "bt2020nc" => "bt2020",
        matrix => matrix,
    };
    let scale = format!(
        "scale={width}:{height}:flags=bicubic:in_color_matrix={from}:out_color_matrix=smpte170m:out_range=pc,\
         format=yuvj420p,setsar=1"
    );
    if plan.video.tone_map { format!("{TONE_MAP},{scale}") } else { scale }
}

/// The times of a storyboard's tiles, as WebVTT with media fragments (`image#xywh=x,y,w,h`), the form that players read.
pub fn storyboard_vtt(board: &StoryboardPlan, duration_ms: u64, image: &str) -> String {
    let mut text = String::from("WEBVTT\n");
    for tile in 0..board.tiles {
        let start = u64::from(tile) * board.interval_ms;
        let end = (start + board.interval_ms).min(duration_ms);
        let (x, y) = (tile % board.columns * board.width, tile / board.columns * board.height);
        text.push_str(&format!(
            "\n{} --> {}\n{image}#xywh={x},{y},{},{}\n",
            clock(start),
            clock(end),
            board.width,
            board.height
        ));
    }
    text
}

fn clock(ms: u64) -> String {
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}
