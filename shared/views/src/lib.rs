//! Things as the API shows them, where several groups show the same thing.

mod lock;
mod picture;
mod teacher;
mod video;

pub use lock::LessonLock;
pub use picture::{PictureTicket, ThumbnailState, UploadPicture};
pub use teacher::CourseTeacher;
pub use video::{SourceType, VideoSource, VideoView, thumbnail_url};
