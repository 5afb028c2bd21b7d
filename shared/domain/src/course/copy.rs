//! What the copy of a course came without.

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

/// Characters of a title in an answer. The answer to a request with an `Idempotency-Key` is kept as one item, which has at most 400 KB
/// (DynamoDB developer guide, "Quotas"), and a document has up to 500 lessons that may each lack a video and files.
const SHOWN_TITLE: usize = 50;

/// What the copy of a lesson came without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LeftOutKind {
    /// Its video: not one of the caller, deleted, in another lesson of the document, or in too many courses.
    Video,
    /// Files of it, some or all: in no course of the caller, not in the archive, gone, or more than one copy takes over. Upload them to
    /// the copy.
    Files,
}

/// What is missing in a lesson that was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeftOut {
    lesson_id: Id<kinds::Lesson>,
    /// The beginning of the lesson's title.
    #[schema(example = "What is Web Development?")]
    title: String,
    what: LeftOutKind,
}

impl LeftOut {
    /// That a lesson with this title lacks something.
    pub fn new(lesson_id: Id<kinds::Lesson>, title: &str, what: LeftOutKind) -> Self {
        Self { lesson_id, title: title.chars().take(SHOWN_TITLE).collect(), what }
    }
}
