//! The rules of the domain: pure functions on plain types, without I/O, so that each can be read, tested and changed alone.

pub mod activity;
pub mod admin;
pub mod attendance;
pub mod badge;
pub mod category;
pub mod certificate;
pub mod channel;
pub mod commerce;
pub mod country;
pub mod course;
pub mod csv;
pub mod enrollment;
pub mod identity;
pub mod learning;
pub mod link;
pub mod media;
pub mod notification;
pub mod picture;
pub mod playback;
pub mod review;
pub mod subtitle;
pub mod suspension;
pub mod sweep;
pub mod upload;
pub mod version;
pub mod video;
