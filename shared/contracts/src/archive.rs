//! Courses on their way into archives, and out of them.

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue};

/// Something is to be done with an archive of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CourseArchive {
    /// Write it.
    Export {
        /// Who teaches the course.
        user_id: Id<kinds::User>,
        /// The course.
        course_id: Id<kinds::Course>,
        /// The archive: an older one has had its time.
        archive_id: Id<kinds::Archive>,
    },
    /// Make a draft of it.
    Import {
        /// Whose draft it becomes.
        user_id: Id<kinds::User>,
        /// The archive that was uploaded.
        archive_id: Id<kinds::Archive>,
    },
}

impl Message for CourseArchive {
    const QUEUE: Queue = Queue::Archive;
    const NAME: &'static str = "course_archive";
    const VERSION: u16 = 1;
}
