//! Things as the API shows them, where several groups show the same thing.

mod video;

pub use video::{SourceType, VideoView};
