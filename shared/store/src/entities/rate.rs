//! Counters of a rate limit: one item for each subject and window, gone by TTL.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Condition, Entity, Key, Store, StoreError, Table, Update, from_item};

/// How often a subject did something in one fixed window of time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RateWindow {
    /// What is limited and for whom, as in `login:203.0.113.7`.
    pub subject: String,
    /// The window's first second since the epoch.
    pub window: i64,
    /// Hits so far.
    pub count: u32,
}

impl RateWindow {
    fn key_of(subject: &str, window: i64) -> Key {
        Key::new(format!("RATE#{subject}"), window.to_string())
    }

    /// Counts one hit of this window.
    fn hit(subject: &str, now: Timestamp, window_seconds: i64) -> Update {
        let window = now.as_second() - now.as_second().rem_euclid(window_seconds.max(1));
        Update::upsert::<Self>(Self::key_of(subject, window))
            .set("subject", subject)
            .set("window", window)
            .set("expires_at", window + 2 * window_seconds)
            .add("count", 1)
    }

    /// Counts one hit of this window where fewer than `most` were counted: for a transaction, which gives no counts back.
    pub(crate) fn hit_within(subject: &str, now: Timestamp, window_seconds: i64, most: u32) -> Update {
        let room = Condition::HasNot("count").or(Condition::compare("count", "<", most));
        Self::hit(subject, now, window_seconds).when(room)
    }
}

impl Entity for RateWindow {
    const TABLE: Table = Table::Identity;
    const TYPE: &'static str = "rate_window";

    fn key(&self) -> Key {
        Self::key_of(&self.subject, self.window)
    }
}

/// The rate limits' counters.
pub struct Rates<'a>(&'a Store);

impl Store {
    /// The rate limits' counters.
    pub fn rates(&self) -> Rates<'_> {
        Rates(self)
    }
}

impl Rates<'_> {
    /// Counts one hit and gives the hits of this window, this one included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hit(&self, subject: &str, now: Timestamp, window_seconds: i64) -> Result<u32, StoreError> {
        let counted: RateWindow =
            from_item(self.0.update(RateWindow::hit(subject, now, window_seconds)).await?)?;
        Ok(counted.count)
    }
}
