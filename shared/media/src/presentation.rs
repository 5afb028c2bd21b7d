use domain::media::{Rung, TranscodePlan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::playlist::bit_rates;
use crate::{
    AudioOutput, ChunkOutput, InitOutput, MASTER, MasterAudio, MasterVideo, PLAYLIST, SegmentOutput,
    master_playlist, media_playlist,
};

/// Why the parts do not make a film.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssembleError {
    /// A chunk or the sound is not there (yet).
    #[error("{0} is missing")]
    Missing(String),
    /// Two chunks were encoded with other settings: they can't share an init segment.
    #[error("chunk {chunk} of {rung} was encoded with other settings than the first")]
    Settings {
        /// The rung's name.
        rung: String,
        /// The chunk.
        chunk: u32,
    },
    /// A part is not what the plan says.
    #[error("chunk {chunk} of {rung} is not as planned")]
    Unplanned {
        /// The rung's name.
        rung: String,
        /// The chunk.
        chunk: u32,
    },
}

/// A whole film, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presentation {
    /// Rungs, lowest first; each is a row of 003's `VideoAsset`.
    pub rungs: Vec<RungTrack>,
    /// The sound.
    pub audio: Option<AudioTrack>,
    /// All playlists, the master last, so that it names nothing that is not stored.
    pub playlists: Vec<PlaylistFile>,
    /// Duration of the picture in milliseconds.
    pub duration_ms: u64,
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RungTrack {
    /// Name, size and cap.
    pub rung: Rung,
    /// Codec by RFC 6381.
    pub codec: String,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Number of segments.
    pub segments: u32,
    /// Frames.
    pub frames: u32,
    /// Peak bit rate in bit/s.
    pub peak: u64,
    /// Average bit rate in bit/s.
    pub average: u64,
}

/// The sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioTrack {
    /// Codec by RFC 6381.
    pub codec: String,
    /// Number of channels.
    pub channels: u32,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Number of segments.
    pub segments: u32,
    /// Peak bit rate in bit/s.
    pub peak: u64,
    /// Average bit rate in bit/s.
    pub average: u64,
}

/// A playlist and where it belongs, below the version's prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistFile {
    /// For example `v720/index.m3u8`.
    pub path: String,
    /// Its text.
    pub body: String,
}

impl Presentation {
    /// Every object that the playlists refer to, below the version's prefix: init and media segments.
    pub fn media_files(&self) -> Vec<String> {
        let dirs = self.rungs.iter().map(|r| (r.rung.dir(), r.segments));
        dirs.chain(self.audio.iter().map(|a| ("audio".to_owned(), a.segments)))
            .flat_map(|(dir, count)| {
                let init = format!("{dir}/init.mp4");
                std::iter::once(init)
                    .chain((0..count).map(move |i| format!("{dir}/{}", crate::output::segment_name(i))))
            })
            .collect()
    }
}

/// Joins the outputs of all chunks, in any order and possibly repeated, and of the sound, and writes the playlists.
///
/// # Errors
/// [`AssembleError`] when a part is missing or does not fit; nothing is guessed.
pub fn assemble(
    plan: &TranscodePlan,
    chunks: &[ChunkOutput],
    audio: Option<&AudioOutput>,
) -> Result<Presentation, AssembleError> {
    let mut rungs = Vec::new();
    let mut videos = Vec::new();
    let mut playlists = Vec::new();
    for rung in &plan.rungs {
        let (init, segments) = join(plan, rung, chunks)?;
        let (peak, average) = bit_rates(init.timescale, &segments);
        let track = RungTrack {
            rung: rung.clone(),
            codec: init.codec.clone(),
            bytes: init.bytes + segments.iter().map(|s| s.bytes).sum::<u64>(),
            segments: segments.len() as u32,
            frames: segments.iter().map(|s| s.samples).sum(),
            peak,
            average,
        };
        videos.push(MasterVideo {
            dir: rung.dir(),
            codec: track.codec.clone(),
            width: rung.width,
            height: rung.height,
            frame_rate: plan.frame_rate,
            peak,
            average,
        });
        rungs.push(track);
        playlists.push(PlaylistFile {
            path: format!("{}/{PLAYLIST}", rung.dir()),
            body: media_playlist(init.timescale, &segments),
        });
    }
    let audio = match (&plan.audio, audio) {
        (None, _) => None,
        (Some(_), None) => return Err(AssembleError::Missing("the sound".into())),
        // A sound track without a single packet in the film's time: the film is silent.
        (Some(_), Some(made)) if made.segments.is_empty() => None,
        (Some(_), Some(made)) => {
            let body = media_playlist(made.init.timescale, &made.segments);
            playlists.push(PlaylistFile { path: format!("audio/{PLAYLIST}"), body });
            let (peak, average) = bit_rates(made.init.timescale, &made.segments);
            Some(AudioTrack {
                codec: made.init.codec.clone(),
                channels: made.channels,
                bytes: made.init.bytes + made.segments.iter().map(|s| s.bytes).sum::<u64>(),
                segments: made.segments.len() as u32,
                peak,
                average,
            })
        }
    };
    let sound = audio.as_ref().map(|a| MasterAudio {
        dir: "audio".into(),
        codec: a.codec.clone(),
        channels: a.channels,
        peak: a.peak,
        average: a.average,
    });
    playlists.push(PlaylistFile { path: MASTER.into(), body: master_playlist(&videos, sound.as_ref()) });
    Ok(Presentation { rungs, audio, playlists, duration_ms: plan.duration_ms() })
}

/// One rung's segments from all chunks, checked against the plan.
fn join(
    plan: &TranscodePlan,
    rung: &Rung,
    chunks: &[ChunkOutput],
) -> Result<(InitOutput, Vec<SegmentOutput>), AssembleError> {
    let mut init: Option<InitOutput> = None;
    let mut segments = Vec::new();
    for planned in plan.all_chunks() {
        let index = planned.index;
        let missing = || AssembleError::Missing(format!("chunk {index} of {}", rung.name()));
        let chunk = chunks.iter().find(|c| c.chunk == index).ok_or_else(missing)?;
        let made = chunk.rungs.iter().find(|r| r.size == rung.size).ok_or_else(missing)?;
        if init.get_or_insert_with(|| made.init.clone()) != &made.init {
            return Err(AssembleError::Settings { rung: rung.name(), chunk: index });
        }
        let wanted = plan.segments(&planned);
        let fits = wanted.len() == made.segments.len()
            && wanted.iter().zip(&made.segments).all(|(w, m)| (w.index, w.frames) == (m.index, m.samples));
        if !fits {
            return Err(AssembleError::Unplanned { rung: rung.name(), chunk: index });
        }
        segments.extend(made.segments.iter().cloned());
    }
    init.map(|init| (init, segments)).ok_or_else(|| AssembleError::Missing("every chunk".into()))
}
