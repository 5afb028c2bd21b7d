//! What every part of LearnFlow speaks: typed identifiers, time and randomness that can be injected,
//! signed cursors, redaction and configuration. Knows neither AWS nor HTTP.

pub mod ambient;
pub mod config;
pub mod cursor;
pub mod derive;
pub mod id;
pub mod mac;
pub mod redact;

pub use ambient::{Ambient, Clock, Random};
pub use config::{ConfigError, Vars};
pub use derive::PlatformSecret;
pub use id::Id;
pub use jiff::{SignedDuration, Timestamp};
pub use redact::Secret;
