//! The job with a database and an object store.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod death;
mod document;
mod issue;
mod stage;
