//! The few boxes of fragmented MP4 (ISO/IEC 14496-12) that cutting and joining needs.
//!
//! An encoder's file is read box by box from anything that can be read, never seeked and never trusted: each length is checked
//! against what is there, and every failure is a typed error. Media bytes are moved, not changed; in a fragment only the
//! decode time (`tfdt`) and the sequence number (`mfhd`) are rewritten in place.

mod audio;
mod boxes;
mod codec;
mod fragment;
mod reader;

pub use audio::{AudioCutter, AudioSegment};
pub use boxes::Error;
pub use fragment::{Fragment, Sample};
pub use reader::{Init, Reader};

#[cfg(test)]
mod tests;
