//! Time and randomness as values that are passed in, so that a test can set both.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rand::{RngCore, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::Id;

/// The current time: the system's, or one that a test sets.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(Mutex::new(start))))
    }

    /// The time now, cut to milliseconds: what is stored, compared and shown has one precision.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        let now = match &self.0 {
            Source::System => Timestamp::now(),
            Source::Manual(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        };
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Seconds since the epoch, the unit of the playback API (seed 002) and of DynamoDB's TTL.
    pub fn epoch_seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// Moves a manual clock; the system's clock stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(time) = &self.0 {
            let mut time = time.lock().unwrap_or_else(PoisonError::into_inner);
            *time = time.checked_add(by).unwrap_or(*time);
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// A source of random bytes: the operating system's entropy, or a seed for a test that must replay.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// A cryptographically secure generator (ChaCha12) seeded by the operating system.
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// The same sequence for the same seed. For tests only.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut out);
        out
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

/// What a function takes from its surroundings: the time and random numbers.
#[derive(Clone, Debug)]
pub struct Ambient {
    /// Where the time comes from.
    pub clock: Clock,
    /// Where random bytes come from.
    pub random: Random,
}

impl Ambient {
    /// The real clock and the operating system's entropy.
    pub fn system() -> Self {
        Self { clock: Clock::system(), random: Random::system() }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new UUIDv7 (RFC 9562, 5.7): its first 48 bits are the time, so that keys made from it sort by age.
    pub fn id<T>(&self) -> Id<T> {
        let millis = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &self.random.bytes()).into_uuid())
    }

    /// `N` random bytes as unpadded base64url: a token that can't be guessed for `N` ≥ 16.
    pub fn token<const N: usize>(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.random.bytes::<N>())
    }
}

/// The moment at which the id was made, to the millisecond; `None` for an id that is not a UUIDv7.
pub fn created_at<T>(id: Id<T>) -> Option<Timestamp> {
    let (seconds, nanos) = Uuid::get_timestamp(&id.uuid())?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_at_which_they_were_made() {
        let clock = Clock::manual("2026-01-01T00:00:00Z".parse().unwrap());
        let ambient = Ambient { clock: clock.clone(), random: Random::seeded(1) };
        let first: Id<()> = ambient.id();
        clock.advance(SignedDuration::from_millis(1));
        let second: Id<()> = ambient.id();
        assert!(first.to_string() < second.to_string());
        assert_eq!(created_at(second), Some(clock.now()));
    }

    #[test]
    fn a_seed_replays() {
        assert_eq!(Random::seeded(7).bytes::<16>(), Random::seeded(7).bytes::<16>());
        assert_ne!(Random::seeded(7).bytes::<16>(), Random::seeded(8).bytes::<16>());
    }
}
