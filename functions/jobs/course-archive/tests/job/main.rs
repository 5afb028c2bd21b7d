//! Courses into archives and out of them, on an embedded DynamoDB and the emulator's S3.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod death;
mod hostile;
mod round_trip;
mod stage;
