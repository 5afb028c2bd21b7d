//! Things as the API shows them, where several groups show the same thing.

mod teacher;
mod video;

pub use teacher::CourseTeacher;
pub use video::{SourceType, VideoView};
