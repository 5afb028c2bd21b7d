//! What becomes of messages in the index.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod channels;
mod courses;
mod races;
mod stage;
