//! Dangerous changes need a login that is not long ago: whoever finds an open session must not be able to take the account.

use kernel::{SignedDuration, Timestamp};

/// How long after giving the password (and the second factor) dangerous changes may be made.
pub const RECENT: SignedDuration = SignedDuration::from_mins(10);
/// By how much the clocks of two servers may differ.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// Whether the login at `authenticated_at` is recent enough for a dangerous change: another address, the second factor, an API
/// key, the deletion of the account. A login in the future beyond what clocks differ is none.
pub fn is_recent(authenticated_at: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(authenticated_at);
    -LEEWAY <= age && age < RECENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_recent_for_ten_minutes() {
        let login: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        for (seconds, recent) in
            [(0, true), (599, true), (600, false), (86_400, false), (-60, true), (-61, false)]
        {
            assert_eq!(is_recent(login, login + SignedDuration::from_secs(seconds)), recent, "{seconds} s");
        }
    }
}
