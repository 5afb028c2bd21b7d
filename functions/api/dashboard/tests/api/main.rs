//! The dashboard, and what it counts.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod calendar;
mod exact;
mod numbers;
mod places;
mod stage;
