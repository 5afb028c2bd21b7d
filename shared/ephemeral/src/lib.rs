//! State that lives for minutes: playback sessions with their limits, and counters of rate limits. Two real backends keep it, DynamoDB and
//! Valkey, and pass the same tests; [`Ephemeral`] uses Valkey where it is switched on and DynamoDB otherwise or while Valkey
//! is down.

mod dynamo;
mod fallback;
mod valkey;

use domain::playback::Limits;
use kernel::{Id, id::kinds};

pub use dynamo::Dynamo;
pub use fallback::Ephemeral;
pub use store::entities::player::LiveSession;
pub use valkey::{Valkey, ValkeyError};

/// How much longer than its session a device keeps its place, in seconds (seed 002, `expire(devices_key, ttl_seconds + 60)`).
pub const DEVICE_GRACE_SECONDS: i64 = 60;

/// One play: who watches what, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// The user.
    pub user: Id<kinds::User>,
    /// The session, whose id the caller makes: issuing it twice is issuing it once.
    pub session: Id<kinds::Playback>,
    /// The video.
    pub video: Id<kinds::Video>,
    /// The device.
    pub device_id: String,
}

/// Why no session was issued. A device that is one too many is named first (seed 002, `issue_session`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many other devices as allowed were used in the last minutes.
    DeviceLimit,
    /// As many sessions as allowed are live, be it on the same device.
    SessionLimit,
}

impl Refusal {
    /// Seed 002's name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DeviceLimit => "device_limit_exceeded",
            Self::SessionLimit => "concurrency_limit_exceeded",
        }
    }
}

/// Short-lived state. Times are epoch seconds; a session is live while its end is later than now.
pub trait ShortLived {
    /// What can go wrong.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Issues a session that ends after `ttl` seconds without a heartbeat, and gives its end; decided atomically, so that no
    /// race exceeds a limit.
    fn issue(
        &self,
        play: &Play,
        limits: Limits,
        ttl: i64,
        now: i64,
    ) -> impl Future<Output = Result<Result<i64, Refusal>, Self::Error>> + Send;

    /// Prolongs a live session and its device's place, and gives the new end; `None` when it is not live.
    fn heartbeat(
        &self,
        play: &Play,
        limits: Limits,
        ttl: i64,
        now: i64,
    ) -> impl Future<Output = Result<Option<i64>, Self::Error>> + Send;

    /// Ends a session; its device keeps its place. `false` when there was none.
    fn end(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Whether a session is live.
    fn is_active(
        &self,
        user: Id<kinds::User>,
        session: Id<kinds::Playback>,
        now: i64,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// The user's live sessions, the oldest first.
    fn list(
        &self,
        user: Id<kinds::User>,
        now: i64,
    ) -> impl Future<Output = Result<Vec<(Id<kinds::Playback>, LiveSession)>, Self::Error>> + Send;

    /// Counts one hit of a rate limit's subject in the fixed window of `window` seconds that holds `now`, and gives the window's hits.
    fn hit(
        &self,
        subject: &str,
        window: i64,
        now: i64,
    ) -> impl Future<Output = Result<u32, Self::Error>> + Send;
}
