//! What people are told, in English and Korean: mails, and notifications inside the platform.
//!
//! Both are made of the same templates, so that what a mail says and what the platform shows of the same thing are one text: the title of
//! a notification is the subject of its mail, and its text the first thing that the mail says.

mod details;
mod device;
mod letter;
mod topic;
mod when;

pub use details::Details;
pub use letter::{Letter, Note, Writer};
pub use minijinja::Error;
pub use topic::{Advice, Topic};
pub use when::when;
