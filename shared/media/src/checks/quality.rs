use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::media::{Chunk, Container, Rung, TranscodePlan};

use crate::process::{Bounds, ENCODE_MEMORY, run};
use crate::transcode::{chunk_frames, picture, read_from, video_encoder};
use crate::{CpuTime, EncodeOptions, Error, Source, Tools, audio};

const BOUNDS: Bounds = Bounds { timeout: Duration::from_secs(1800), stdout: 1 << 20, memory: ENCODE_MEMORY };

/// The film as one run of ffmpeg makes it: what chunks are compared with.
#[derive(Debug)]
pub struct SingleRun {
    /// One file per rung, in the order of the plan.
    pub files: Vec<PathBuf>,
    /// CPU time of the process.
    pub cpu: CpuTime,
}

/// Encodes the whole film in one process: same filters, same encoders, same sound.
///
/// # Errors
/// [`Error`].
pub async fn single_run(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    out: &Path,
    options: &EncodeOptions,
) -> Result<SingleRun, Error> {
    std::fs::create_dir_all(out)?;
    let mut command = tools.ffmpeg();
    command.args(["-copyts", "-threads", &options.threads.to_string()]).args(tools.input(source, container));
    let mut graph = format!("{},split={}", chunk_frames(plan, &whole(plan)), plan.rungs.len());
    graph.extend((0..plan.rungs.len()).map(|i| format!("[s{i}]")));
    for (i, rung) in plan.rungs.iter().enumerate() {
        graph.push_str(&format!(";[s{i}]{}[v{i}]", picture(plan, rung.width, rung.height)));
    }
    command.args(["-filter_complex_threads", "1", "-filter_complex", &graph]);
    let mut files = Vec::new();
    for (i, rung) in plan.rungs.iter().enumerate() {
        let path = out.join(format!("single_{}.mp4", rung.size));
        command.args(["-map", &format!("[v{i}]"), "-frames:v", &plan.frames.to_string()]);
        command.args(video_encoder(plan, rung, options)).arg(&path);
        files.push(path);
    }
    if let Some(sound) = &plan.audio {
        command.args(["-map", &format!("0:{}", sound.stream)]).args(audio::codec(plan, sound));
        command.arg(out.join("single_audio.mp4"));
    }
    let cpu = run(&mut command, "ffmpeg", source, BOUNDS).await?.cpu();
    Ok(SingleRun { files, cpu })
}

/// Structural similarity (all planes, 1.0 is equal) of a rung with the source, scaled to the rung's size, frame by frame.
/// Frames are matched by their number: off by one, a good encode looks bad.
///
/// # Errors
/// [`Error`].
pub async fn ssim(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    rung: &Rung,
    encoded: &Path,
) -> Result<f64, Error> {
    let mut command = tools.ffmpeg();
    command.arg("-copyts").args(tools.input(source, container));
    if encoded.extension().is_some_and(|e| e == "m3u8") {
        command.args(["-allowed_extensions", "ALL", "-protocol_whitelist", "file,crypto,data"]);
    }
    command.arg("-i").arg(encoded);
    let tick = plan.frame_rate.inverse();
    let graph = format!(
        "{},{},settb={tick},setpts=N[a];[1:v]format=yuv420p,settb={tick},setpts=N[b];[a][b]ssim",
        chunk_frames(plan, &whole(plan)),
        picture(plan, rung.width, rung.height),
    );
    command.args(["-filter_complex", &graph, "-f", "null", "-"]);
    let finished = run(&mut command, "ffmpeg", source, BOUNDS).await?;
    let all = finished.log.lines().rev().find_map(|l| l.split_once(" All:"));
    all.and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
        .ok_or(Error::Failed { tool: "ffmpeg", detail: "it printed no SSIM".to_owned() })
}

/// A hash of each frame of a chunk as its encoder gets it, in the size of the lowest rung; of the whole film without a chunk.
/// The chunks together must equal the whole: that is the proof that cutting loses, repeats and moves no frame.
///
/// # Errors
/// [`Error`].
pub async fn frame_hashes(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    chunk: Option<&Chunk>,
) -> Result<Vec<String>, Error> {
    let all = whole(plan);
    let chunk = chunk.unwrap_or(&all);
    let Some(rung) = plan.rungs.first() else { return Err(Error::NotInPlan { what: "rung" }) };
    let mut command = tools.ffmpeg();
    command.args(read_from(plan, chunk, true)).args(tools.input(source, container));
    let graph = format!("{},{}[v]", chunk_frames(plan, chunk), picture(plan, rung.width, rung.height));
    command.args([
        "-filter_complex",
        &graph,
        "-map",
        "[v]",
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
    ]);
    let finished = run(&mut command, "ffmpeg", source, BOUNDS).await?;
    let text = String::from_utf8_lossy(&finished.stdout);
    let hash = |line: &str| line.rsplit(' ').next().map(str::to_owned);
    Ok(text.lines().filter(|l| !l.starts_with('#')).filter_map(hash).collect())
}

fn whole(plan: &TranscodePlan) -> Chunk {
    Chunk { index: 0, first_frame: 0, frames: plan.frames, first_segment: 0, last: true }
}
