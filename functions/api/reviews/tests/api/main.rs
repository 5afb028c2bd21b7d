//! Reviews as students, teachers and visitors meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod lists;
mod races;
mod replies;
mod reviews;
mod setup;
mod votes;
