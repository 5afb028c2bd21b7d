//! Measures of a finished HLS folder: what the demo, the benchmark and the system tests show about quality.
//!
//! They look at the files from outside, with ffmpeg's own HLS reader, and know nothing of how they were made.

mod pipeline;
mod quality;
mod tracks;

pub use pipeline::{Run, run_pipeline};
pub use quality::{SingleRun, frame_hashes, single_run, ssim};
pub use tracks::{TrackCheck, audio_onset_s, decode, start_difference_ms, track, video_onset_s};
