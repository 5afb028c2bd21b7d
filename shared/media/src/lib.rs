//! From a source file to adaptive streaming: probing, encoding, cutting and describing media.
//!
//! Each step takes a local path or a presigned URL and a plan of [`domain::media`], works in a folder that the
//! caller owns, and returns plain data that can be stored and sent. Nothing here knows AWS; the jobs do the moving.
//!
//! The steps of a film: [`inspect`] → [`domain::media::plan`] → [`encode_chunk`] for each chunk and
//! [`encode_audio`], in any order and on any machine → [`assemble`]; [`posters`] and [`storyboard`] beside them.
//! docs/media.md tells why each flag is there.

mod audio;
mod avatar;
pub mod fmp4;
mod inspect;
mod output;
mod packets;
mod pictures;
mod playlist;
mod presentation;
mod process;
mod tools;
mod transcode;

#[cfg(feature = "checks")]
pub mod checks;

pub use audio::encode_audio;
pub use avatar::{avatar, thumbnail};
pub use inspect::{InspectError, inspect, sniffable_bytes};
pub use output::{AudioOutput, ChunkOutput, InitOutput, RungOutput, SegmentOutput, content_type};
pub use pictures::{Picture, posters, storyboard, storyboard_vtt};
pub use playlist::{MASTER, MasterAudio, MasterVideo, PLAYLIST, master_playlist, media_playlist};
pub use presentation::{AssembleError, AudioTrack, PlaylistFile, Presentation, RungTrack, assemble};
pub use process::{CpuTime, Error};
pub use tools::{Source, Tools};
pub use transcode::{EncodeOptions, Preset, encode_chunk};
