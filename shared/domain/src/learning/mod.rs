//! How students learn: what completes a lesson and a course, and when a lesson opens.

pub mod completion;
pub mod opening;

pub use completion::{
    Evidence, Lacks, completes_course, lacks, least_seconds_of_files, least_seconds_of_text,
};
pub use opening::{Lock, LockReason, Schedule, Step, lesson_opens, locks};
