use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use domain::media::{AudioMode, AudioPlan, Container, Rational, SEGMENT_GOPS, TranscodePlan};

use crate::fmp4::{AudioCutter, AudioSegment, Reader};
use crate::output::segment_name;
use crate::process::{Bounds, ENCODE_MEMORY, run};
use crate::transcode::{muxer, write_init};
use crate::{AudioOutput, EncodeOptions, Error, SegmentOutput, Source, Tools};

/// Samples by which ffmpeg's AAC encoder delays the sound (`initial_padding` in libavcodec/aacenc.c).
const AAC_PRIMING: i64 = 1024;

/// The header waits for the first packet, which alone tells how AAC from a transport stream is coded (ADTS, which
/// `aac_adtstoasc` rewrites; other AAC passes through it unchanged).
const MOVFLAGS: &str = "+delay_moov+default_base_moof+skip_trailer";

/// A hole in copied sound that is worth encoding it instead, in milliseconds: players stop at holes.
const MAX_GAP_MS: i64 = 50;

/// Makes the whole sound of a film, cut where the picture is cut. Writes `audio/init.mp4` and `audio/seg_00000.m4s` … below `out`.
///
/// Sound that the plan copies is encoded after all when its packets turn out to have gaps.
///
/// # Errors
/// [`Error`]; [`Error::NotInPlan`] for a silent film.
pub async fn encode_audio(
    tools: &Tools,
    source: &Source,
    container: Container,
    plan: &TranscodePlan,
    out: &Path,
    options: &EncodeOptions,
) -> Result<AudioOutput, Error> {
    let audio = plan.audio.as_ref().ok_or(Error::NotInPlan { what: "sound" })?;
    let job = Job { tools, source, container, plan, out, options };
    let (output, gap_ms) = job.make(audio).await?;
    if gap_ms <= MAX_GAP_MS || matches!(audio.mode, AudioMode::Encode { .. }) {
        return Ok(output);
    }
    tracing::info!(gap_ms, "the sound has gaps: it is encoded instead of copied");
    job.make(&audio.encoded()).await.map(|(output, _)| output)
}

struct Job<'a> {
    tools: &'a Tools,
    source: &'a Source,
    container: Container,
    plan: &'a TranscodePlan,
    out: &'a Path,
    options: &'a EncodeOptions,
}

impl Job<'_> {
    /// The sound and its longest gap in milliseconds.
    async fn make(&self, audio: &AudioPlan) -> Result<(AudioOutput, i64), Error> {
        let dir = self.out.join("audio");
        std::fs::create_dir_all(&dir)?;
        let raw = dir.join("raw.mp4");
        let mut command = self.tools.ffmpeg();
        command.args(["-copyts", "-threads", "1"]).args(self.tools.input(self.source, self.container));
        command.args(["-map", &format!("0:{}", audio.stream)]).args(codec(self.plan, audio));
        // Short fragments bound the memory that cutting takes.
        command.args(["-frag_duration", "2000000", "-use_editlist", "0"]).args(muxer(MOVFLAGS)).arg(&raw);
        let timeout = Duration::from_secs(self.options.timeout_s);
        let bounds = Bounds { timeout, stdout: 64 * 1024, memory: ENCODE_MEMORY };
        let finished = run(&mut command, "ffmpeg", self.source, bounds).await?;

        let mut reader = Reader::new(BufReader::new(File::open(&raw)?))?;
        let init = write_init(&dir, reader.init())?;
        let rate = Rational::whole(init.timescale);
        let mut cutter: Option<AudioCutter> = None;
        let mut segments = Vec::new();
        while let Some(fragment) = reader.next_fragment()? {
            let cutter = cutter.get_or_insert_with(|| {
                let borders = self.borders(rate);
                let first = match audio.mode {
                    AudioMode::Copy { first_sample } => {
                        Rational::whole(audio.sample_rate).inverse().rescale(first_sample, rate)
                    }
                    AudioMode::Encode { .. } => -AAC_PRIMING,
                };
                let zero = borders.first().copied().unwrap_or(0);
                let step = self.frames(SEGMENT_GOPS * self.plan.gop, rate);
                let shift = zero + first - fragment.decode_time() as i64;
                AudioCutter::new(reader.init().track, shift, borders, step)
            });
            for segment in cutter.push(&fragment)? {
                segments.push(write(&dir, &segment)?);
            }
        }
        let mut gap_ms = 0;
        if let Some(mut cutter) = cutter {
            if let Some(segment) = cutter.finish()? {
                segments.push(write(&dir, &segment)?);
            }
            gap_ms = rate.inverse().rescale(cutter.longest_gap(), Rational::whole(1000));
        }
        std::fs::remove_file(&raw)?;
        let cpu = finished.cpu();
        Ok((AudioOutput { init, segments, mode: audio.mode.clone(), channels: audio.channels, cpu }, gap_ms))
    }

    /// Starts of the picture's segments on the sound's clock. Both start late by the same frames.
    fn borders(&self, rate: Rational) -> Vec<i64> {
        let starts = self.plan.all_chunks().flat_map(|chunk| self.plan.segments(&chunk));
        starts.map(|s| self.frames(s.first_frame + self.plan.start_delay(), rate)).collect()
    }

    fn frames(&self, frames: u32, rate: Rational) -> i64 {
        self.plan.frame_rate.inverse().rescale(i64::from(frames), rate)
    }
}

/// Copy, or AAC-LC of a sound that starts with the picture: what is before is cut off, holes and a late start are
/// filled with silence, a drifting clock is followed.
pub(crate) fn codec(plan: &TranscodePlan, audio: &AudioPlan) -> Vec<String> {
    match audio.mode {
        AudioMode::Copy { .. } => ["-c:a", "copy", "-bsf:a", "aac_adtstoasc"].map(str::to_owned).to_vec(),
        AudioMode::Encode { kbps } => {
            let (start, base) = (plan.video.start_pts, plan.video.time_base);
            let filter = format!(
                "asetpts=PTS-({start}*{}/{})/TB,aresample={}:async=1000:min_hard_comp=0.1:first_pts=0",
                base.num(),
                base.den(),
                audio.sample_rate
            );
            let channels = audio.channels.to_string();
            ["-af", &filter, "-ac", &channels, "-c:a", "aac", "-b:a", &format!("{kbps}k")]
                .map(str::to_owned)
                .to_vec()
        }
    }
}

fn write(dir: &Path, segment: &AudioSegment) -> Result<SegmentOutput, Error> {
    std::fs::write(dir.join(segment_name(segment.index)), &segment.bytes)?;
    let (duration, samples, bytes) = (segment.duration, segment.samples, segment.bytes.len() as u64);
    Ok(SegmentOutput { index: segment.index, duration, samples, bytes })
}
