//! Videos as their owners and students meet them, as far as no queue is asked.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod bulk;
mod client_002;
mod lists;
mod page;
mod permissions;
mod pictures;
mod processing;
mod stage;
mod states;
mod stats;
mod subtitles;
mod tags;
