//! How students learn: what completes a lesson and a course, when a lesson opens, and with which one a student goes on.

pub mod completion;
pub mod current;
pub mod opening;
pub mod recount;

pub use completion::{
    Evidence, Lacks, completes_course, lacks, least_seconds_of_files, least_seconds_of_text,
};
pub use current::current;
pub use opening::{Lock, LockReason, Schedule, Step, lesson_opens, locks};
