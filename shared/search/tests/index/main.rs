//! The index as its callers see it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod lists;
mod quality;
mod storage;
