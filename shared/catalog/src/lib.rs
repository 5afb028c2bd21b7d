//! The search index of the catalogue: its bucket, and what its documents are made of.
//!
//! Only functions that write or read the index have this crate, since the crate `search` brings the index library with it.

mod bucket;
pub mod documents;

use search::directory::Place;

pub use bucket::Bucket;
pub use documents::{ChannelCard, CourseCard, InstructorCard, Numbers, VideoCard};

/// Where this process keeps copies of the index: a folder of its own, empty at first. A function on Lambda has `/tmp` to itself, the
/// processes of a development machine share theirs.
pub fn place() -> Place {
    let folder = std::env::temp_dir().join(format!("search-index-{}", std::process::id()));
    // Of an earlier process with this number; what can't be removed is overwritten.
    let _ = std::fs::remove_dir_all(&folder);
    Place::Folder(folder)
}
