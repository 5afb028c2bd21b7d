//! Uploads as instructors meet them, as far as S3 is not asked.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod ending;
mod presign;
mod stage;
mod versions;
