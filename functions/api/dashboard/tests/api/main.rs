//! The dashboard, and what it counts.

mod calendar;
mod exact;
mod numbers;
mod places;
mod stage;
