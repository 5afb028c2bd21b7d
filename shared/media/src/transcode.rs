use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;
use std::time::Duration;

use domain::media::{Chunk, Container, Rung, TranscodePlan};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fmp4::{self, Reader};
use crate::output::segment_name;
use crate::process::{Bounds, ENCODE_MEMORY, run};
use crate::{ChunkOutput, Error, InitOutput, RungOutput, SegmentOutput, Source, Tools};

/// How to encode. The same for all chunks of a film, or their init segments differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EncodeOptions {
    /// Effort of the encoder.
    pub preset: Preset,
    /// Threads of each encoder; 0 lets ffmpeg choose. One is best where chunks run side by side.
    pub threads: u32,
    /// Longest run in seconds; Lambda ends after 900.
    pub timeout_s: u64,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self { preset: Preset::Veryfast, threads: 1, timeout_s: 840 }
    }
}

/// x264's presets that make sense here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// For tests only: blocky.
    Ultrafast,
    /// The default.
    #[default]
    Veryfast,
    /// A fifth more CPU.
    Faster,
    /// Twice the CPU.
    Medium,
}

impl Preset {
    /// x264's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Veryfast => "veryfast",
            Self::Faster => "faster",
            Self::Medium => "medium",
        }
    }
}

/// Encodes chunk number `index` of the plan: one process that decodes once and encodes all rungs. Writes
/// `v{size}/init.mp4` and `v{size}/seg_00000.m4s` … below `out`.
///
/// A second run writes the same bytes.
///
/// # Errors
/// [`Error`], and [`Error::Unplanned`] when the source gives fewer frames than planned.
pub async fn encode_chunk(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    index: u32,
    out: &Path,
    options: &EncodeOptions,
) -> Result<ChunkOutput, Error> {
    let chunk = plan.chunk(index).ok_or(Error::NotInPlan { what: "such chunk" })?;
    let job = Job { tools, source, container, plan, chunk, out, options };
    match job.encode(true).await {
        // The search landed behind the keyframe that the first frames need: read the film from its start.
        Err(Error::Unplanned { found, .. }) if chunk.first_frame > 0 => {
            tracing::warn!(chunk = index, found, "the search in the source missed: reading from its start");
            job.encode(false).await
        }
        other => other,
    }
}

struct Job<'a> {
    tools: &'a Tools,
    source: &'a Source,
    container: Container,
    plan: &'a TranscodePlan,
    chunk: Chunk,
    out: &'a Path,
    options: &'a EncodeOptions,
}

impl Job<'_> {
    async fn encode(&self, search: bool) -> Result<ChunkOutput, Error> {
        let Self { source, plan, chunk, out, options, .. } = self;
        let mut command = self.tools.ffmpeg();
        command.args(read_from(plan, chunk, search)).args(["-threads", &options.threads.to_string()]);
        command.args(self.tools.input(source, self.container));
        command.args(["-filter_complex_threads", "1", "-filter_complex", &filters(plan, chunk)]);
        for (i, rung) in plan.rungs.iter().enumerate() {
            std::fs::create_dir_all(out.join(rung.dir()))?;
            command.args(["-map", &format!("[v{i}]"), "-frames:v", &chunk.frames.to_string()]);
            command.args(video_encoder(plan, rung, options));
            command.args(["-video_track_timescale", &plan.timescale().to_string()]);
            command.args(muxer(MOVFLAGS)).arg(out.join(rung.dir()).join(raw_name(chunk.index)));
        }
        let timeout = Duration::from_secs(options.timeout_s);
        let bounds = Bounds { timeout, stdout: 64 * 1024, memory: ENCODE_MEMORY };
        let finished = run(&mut command, "ffmpeg", source, bounds).await?;
        let rungs = plan.rungs.iter().map(|rung| cut(plan, chunk, rung, out)).collect::<Result<_, _>>()?;
        Ok(ChunkOutput {
            chunk: chunk.index,
            rungs,
            cpu: finished.cpu(),
            decode_errors: finished.error_lines(),
        })
    }
}

/// The encoder's own file of a chunk, removed when it is cut.
fn raw_name(chunk: u32) -> String {
    format!("chunk_{chunk}.mp4")
}

/// One fragment per group of pictures, decode times from zero, and no edit list.
const MOVFLAGS: &str = "+empty_moov+default_base_moof+frag_keyframe+skip_trailer";

/// A muxer that writes nothing that depends on time or version, and init segments without any duration: identical for
/// all chunks.
pub(crate) fn muxer(movflags: &str) -> [&str; 10] {
    let [metadata, chapters, flags] = ["-map_metadata", "-map_chapters", "-fflags"];
    [metadata, "-1", chapters, "-1", flags, "+bitexact", "-movflags", movflags, "-f", "mp4"]
}

/// Starts reading at the keyframe at or before the chunk, by the file's own clock, which `-copyts` keeps. Without
/// `-noaccurate_seek` ffmpeg would drop the frame that is still shown when the chunk starts.
pub(crate) fn read_from(plan: &TranscodePlan, chunk: &Chunk, search: bool) -> Vec<String> {
    let mut args = vec!["-copyts".to_owned()];
    if let Some(preroll) = plan.video.preroll_ms.filter(|_| search && chunk.first_frame > 0) {
        let start = plan.video.start_pts as f64 * plan.video.time_base.value();
        let first = f64::from(chunk.first_frame) / plan.frame_rate.value();
        // Not before the start, where some demuxers find nothing.
        let at = start + (first - preroll as f64 / 1000.0).max(0.0);
        args.extend(["-noaccurate_seek", "-seek_timestamp", "1", "-ss"].map(str::to_owned));
        args.push(format!("{at:.6}"));
    }
    args
}

/// Frames of the chunk at the plan's rate, then one branch per rung: `[v0]`, `[v1]`, …
fn filters(plan: &TranscodePlan, chunk: &Chunk) -> String {
    let mut graph = format!("{},split={}", chunk_frames(plan, chunk), plan.rungs.len());
    graph.extend((0..plan.rungs.len()).map(|i| format!("[s{i}]")));
    for (i, rung) in plan.rungs.iter().enumerate() {
        graph.push_str(&format!(";[s{i}]{}[v{i}]", picture(plan, rung.width, rung.height)));
    }
    graph
}

/// Exactly the frames of a chunk. Timestamps count from the first picture, then `fps` puts each frame into the slot
/// nearest to it on one grid for the whole film: the last frame in or before a slot is shown in it. With a constant
/// rate that is each frame once; with a variable one frames are repeated or left out by their real times, the same in every
/// chunk as in one run over the whole film. `trim` keeps the chunk's slots; when reading started too late the first
/// are not there, and the count tells. `tpad` repeats the last frame when the film ends a frame early.
pub(crate) fn chunk_frames(plan: &TranscodePlan, chunk: &Chunk) -> String {
    let (first, end) = (chunk.first_frame, chunk.first_frame + chunk.frames);
    let mut chain = vec![format!("[0:{}]setpts=PTS-({})", plan.video.stream, plan.video.start_pts)];
    if plan.video.deinterlace {
        chain.push("yadif=deint=interlaced".into());
    }
    let start = if first == 0 { ":start_time=0" } else { "" };
    chain.push(format!("fps=fps={}:round=near{start}", plan.frame_rate));
    if chunk.last {
        chain.push("tpad=stop=-1:stop_mode=clone".into());
    }
    chain.push(format!("trim=start_pts={first}:end_pts={end},setpts=PTS-{first}"));
    if plan.video.tone_map {
        chain.push(TONE_MAP.into());
    }
    chain.join(",")
}

/// High dynamic range to BT.709: in linear light, with a curve that keeps highlights.
pub(crate) const TONE_MAP: &str = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,\
    tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p";

/// Size, square pixels, 8 bits, limited range and marks for the colours.
pub(crate) fn picture(plan: &TranscodePlan, width: u32, height: u32) -> String {
    let [matrix, primaries, transfer] = &plan.video.color;
    let convert = if plan.video.rgb { ":out_color_matrix=bt709" } else { "" };
    format!(
        "scale={width}:{height}:flags=bicubic:out_range=tv{convert},format=yuv420p,setsar=1,\
         setparams=range=tv:colorspace={matrix}:color_primaries={primaries}:color_trc={transfer}"
    )
}

/// Capped CRF and closed groups of two seconds: nothing is carried over a border but the fullness of the buffer.
pub(crate) fn video_encoder(plan: &TranscodePlan, rung: &Rung, options: &EncodeOptions) -> Vec<String> {
    let gop = plan.gop.to_string();
    let mut args: Vec<String> =
        ["-fps_mode", "passthrough", "-c:v", "libx264", "-preset", options.preset.name()]
            .into_iter()
            .chain([
                "-profile:v",
                "high",
                "-crf",
                "23",
                "-g",
                &gop,
                "-keyint_min",
                &gop,
                "-sc_threshold",
                "0",
            ])
            .chain(["-flags", "+cgop", "-x264-params", "stitchable=1", "-threads"])
            .map(str::to_owned)
            .collect();
    args.push(options.threads.to_string());
    args.extend([
        "-maxrate".into(),
        format!("{}k", rung.kbps),
        "-bufsize".into(),
        format!("{}k", 2 * rung.kbps),
    ]);
    if !plan.b_frames() {
        args.extend(["-bf".into(), "0".into()]);
    }
    args
}

/// Cuts the encoder's file into the planned segments on the film's clock.
fn cut(plan: &TranscodePlan, chunk: &Chunk, rung: &Rung, out: &Path) -> Result<RungOutput, Error> {
    let dir = out.join(rung.dir());
    let raw = dir.join(raw_name(chunk.index));
    let mut reader = Reader::new(BufReader::new(File::open(&raw)?))?;
    let init = write_init(&dir, reader.init())?;
    let ticks = u64::from(plan.frame_ticks());
    let mut shift = None;
    let mut sequence = chunk.first_frame / plan.gop;
    let mut segments = Vec::new();
    for planned in plan.segments(chunk) {
        let mut file = File::create(dir.join(segment_name(planned.index)))?;
        let mut made = SegmentOutput { index: planned.index, duration: 0, samples: 0, bytes: 0 };
        while made.samples < planned.frames {
            let Some(mut fragment) = reader.next_fragment()? else { break };
            // The first picture of a chunk is an IDR frame; the film's clock says when it is shown.
            let shown = u64::from(chunk.first_frame + plan.start_delay()) * ticks;
            let first = fragment.samples().first().map_or(0, |s| s.offset);
            let shift = *shift.get_or_insert(shown as i64 - fragment.decode_time() as i64 - first);
            sequence += 1;
            fragment.retime(sequence, shift)?;
            made.samples += fragment.samples().len() as u32;
            made.duration += fragment.duration();
            made.bytes += fragment.bytes().len() as u64;
            file.write_all(fragment.bytes())?;
        }
        check("frames in a segment", u64::from(planned.frames), u64::from(made.samples))?;
        check("ticks in a segment", u64::from(planned.frames) * ticks, made.duration)?;
        segments.push(made);
    }
    if reader.next_fragment()?.is_some() {
        return Err(Error::Unplanned {
            what: "frames in a chunk",
            planned: chunk.frames.into(),
            found: u64::from(chunk.frames) + 1,
        });
    }
    std::fs::remove_file(&raw)?;
    Ok(RungOutput { size: rung.size, init, segments })
}

fn check(what: &'static str, planned: u64, found: u64) -> Result<(), Error> {
    if planned == found { Ok(()) } else { Err(Error::Unplanned { what, planned, found }) }
}

/// Writes `init.mp4`.
pub(crate) fn write_init(dir: &Path, init: &fmp4::Init) -> Result<InitOutput, Error> {
    std::fs::write(dir.join("init.mp4"), &init.bytes)?;
    let sha256 = Sha256::digest(&init.bytes).iter().map(|b| format!("{b:02x}")).collect();
    Ok(InitOutput {
        sha256,
        bytes: init.bytes.len() as u64,
        codec: init.codec.clone(),
        timescale: init.timescale,
    })
}
