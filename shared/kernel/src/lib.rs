//! What every part of LearnFlow speaks: typed identifiers, time and randomness that can be injected,
//! signed cursors, redaction and configuration. Knows neither AWS nor HTTP.

pub mod ambient;
pub mod config;
pub mod cursor;
pub mod id;
pub mod redact;

pub use ambient::{Ambient, Clock, Random};
pub use config::{ConfigError, Vars};
pub use id::Id;
pub use jiff::{SignedDuration, Timestamp};
pub use redact::Secret;
