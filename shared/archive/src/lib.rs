//! ZIP archives (PKWARE APPNOTE 6.3.10): a writer whose bytes can be sent on while it writes, and a reader for archives of strangers.
//!
//! The writer is crate `zip`. The reader is our own, since its rules are: it takes the plain form that every tool writes, reads it by
//! ranges, and refuses whatever two programs could read differently or whatever could grow beyond what it was allowed.

mod directory;
mod read;
mod write;

pub use directory::{Directory, Entry, Limits};
pub use read::{Bad, Contents, ReadError, Source};
pub use write::{Packing, WriteError, Writer};
