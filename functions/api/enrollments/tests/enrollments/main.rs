//! Enrolments as students meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod admin;
mod certificates;
mod enrolling;
mod lessons;
mod lists;
mod locks;
mod races;
mod stage;
