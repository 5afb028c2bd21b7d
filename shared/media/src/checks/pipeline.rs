use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use domain::media::{Limits, Profile, SourceInfo, TranscodePlan, plan};

use crate::{
    AudioOutput, ChunkOutput, CpuTime, EncodeOptions, Error, InspectError, Presentation, Source, Tools,
    assemble, encode_audio, encode_chunk, inspect, sniffable_bytes,
};

/// A film that was made from a local file.
#[derive(Debug)]
pub struct Run {
    /// What the source is.
    pub info: SourceInfo,
    /// What was planned.
    pub plan: TranscodePlan,
    /// What each chunk became, in the order of encoding.
    pub chunks: Vec<ChunkOutput>,
    /// What the sound became.
    pub audio: Option<AudioOutput>,
    /// The whole.
    pub presentation: Presentation,
    /// Folder with the playlists and segments.
    pub dir: PathBuf,
}

impl Run {
    /// CPU time of all encoders.
    pub fn cpu(&self) -> CpuTime {
        let mut sum = self.audio.as_ref().map(|a| a.cpu).unwrap_or_default();
        for chunk in &self.chunks {
            sum += chunk.cpu;
        }
        sum
    }
}

/// All steps on a local file, one after the other: what the jobs do without their queues. Chunks run last to first, so
/// that none can lean on the one before.
///
/// # Errors
/// [`InspectError::Refused`] for a source that is no film, [`InspectError::Failed`] for everything else.
pub async fn run_pipeline(
    tools: &Tools,
    file: &Path,
    profile: &Profile,
    options: &EncodeOptions,
    dir: &Path,
) -> Result<Run, InspectError> {
    let fail = |e: std::io::Error| InspectError::Failed(Error::Io(e));
    let mut head = Vec::new();
    File::open(file).map_err(fail)?.take(sniffable_bytes() as u64).read_to_end(&mut head).map_err(fail)?;
    let bytes = std::fs::metadata(file).map_err(fail)?.len();
    let source = Source::file(file);
    let info = inspect(tools, &source, &head, bytes, &Limits::default()).await?;
    let unplanned = || InspectError::Failed(Error::NotInPlan { what: "picture" });
    let plan = plan(&info, profile).ok_or_else(unplanned)?;
    let mut chunks = Vec::new();
    for index in (0..plan.chunks).rev() {
        let chunk = encode_chunk(tools, &source, info.container, &plan, index, dir, options).await;
        chunks.push(chunk.map_err(InspectError::Failed)?);
    }
    let audio = match plan.audio {
        Some(_) => Some(
            encode_audio(tools, &source, info.container, &plan, dir, options)
                .await
                .map_err(InspectError::Failed)?,
        ),
        None => None,
    };
    let presentation = assemble(&plan, &chunks, audio.as_ref())
        .map_err(|e| InspectError::Failed(Error::Failed { tool: "assemble", detail: e.to_string() }))?;
    for playlist in &presentation.playlists {
        std::fs::write(dir.join(&playlist.path), &playlist.body).map_err(fail)?;
    }
    Ok(Run { info, plan, chunks, audio, presentation, dir: dir.to_owned() })
}
