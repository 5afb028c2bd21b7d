//! Playback as players meet it: starting, going on, ending, reporting.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod audience;
mod client_002;
mod cookies;
mod events;
mod lessons;
mod model;
mod play;
mod progress;
mod session;
mod stage;
mod table;
