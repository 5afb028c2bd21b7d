//! A course as one document, and how a draft is made of it: for the API, which gives and takes the document alone, and for the job that
//! packs it into an archive with its files.

mod course;
mod document;
pub mod fields;
mod lesson;
mod make;

pub use course::CreateCourse;
pub use document::{CourseDocument, DocumentLesson, FileReference, VideoReference};
pub use lesson::{DURATION_MAX, LessonParts};
pub use make::{Made, MakeError, Making, Plan, SLUG_TRIES, WantedFile};

/// A field that can't be so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {message}")]
pub struct Fault {
    /// Its path, such as `sections[0].lessons[2].quiz`.
    pub field: String,
    /// What is wrong with it.
    pub message: &'static str,
}

impl Fault {
    pub(crate) fn new(field: impl Into<String>, message: &'static str) -> Self {
        Self { field: field.into(), message }
    }
}
