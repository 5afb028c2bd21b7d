//! Courses as their instructors, students and visitors meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod courses;
mod lists;
mod publishing;
mod races;
mod setup;
mod structure;
