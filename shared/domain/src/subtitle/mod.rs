//! Subtitles (seed 003, Subtitle): what an owner sends becomes WebVTT of a few harmless kinds of content, and a track of the stream.

mod language;
mod markup;
mod parse;
mod playlist;
#[cfg(test)]
mod tests;

pub use language::LanguageTag;
pub use parse::{Cue, SubtitleError, Subtitles};
pub use playlist::{Track, master_with, playlist};

/// Most bytes of a file: twelve hours of dense speech are about 1 MB in SRT, and the body of a request has room for that with its escapes for
/// half of it.
pub const MAX_BYTES: usize = 512 * 1024;
/// Most cues of a file: one in each two seconds of twelve hours.
pub const CUES_MAX: usize = 21_600;
/// Most letters of one cue.
pub const CUE_MAX: usize = 1_000;
/// Most languages of a version.
pub const TRACKS_MAX: usize = 50;
/// Most letters of a language's name (seed 003, Subtitle).
pub const NAME_MAX: usize = 50;
