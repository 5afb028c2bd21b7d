//! Playback as players meet it: starting, going on, ending, reporting.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod cookies;
mod events;
mod play;
mod progress;
mod session;
mod stage;
