//! The rules of the domain: pure functions on plain types, without I/O, so that each can be read, tested and changed alone.

pub mod admin;
pub mod badge;
pub mod category;
pub mod channel;
pub mod course;
pub mod enrollment;
pub mod identity;
pub mod media;
pub mod picture;
pub mod playback;
pub mod review;
pub mod suspension;
pub mod sweep;
pub mod upload;
pub mod video;
