//! Courses as their instructors, students and visitors meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod archives;
mod arrange;
mod carried;
mod categories;
mod copies;
mod courses;
mod lists;
mod locks;
mod numbers;
mod publishing;
mod quizzes;
mod races;
mod resources;
mod setup;
mod structure;
mod versions;
