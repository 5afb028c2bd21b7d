//! How long a deleted account can be had back, and how often all data of an account may be asked for.

use kernel::{SignedDuration, Timestamp};

/// Between the deletion of an account by its owner and its erasure (spec 02): until then a restore undoes it.
pub const GRACE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Between two exports of one account: an export reads all that the platform holds of a person.
pub const EXPORT_INTERVAL: SignedDuration = SignedDuration::from_hours(24);
/// How long an archive can be fetched; the lifecycle rule of the exports bucket removes it then.
pub const EXPORT_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Life of the link to an archive.
pub const EXPORT_LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// When an account that was deleted at this moment is erased; it can be restored until then.
pub fn erased_from(deleted_at: Timestamp) -> Timestamp {
    deleted_at + GRACE
}

/// Whether an account that was deleted at this moment is to be erased. At any moment it is either that, or can be restored.
pub fn is_due(deleted_at: Timestamp, now: Timestamp) -> bool {
    erased_from(deleted_at) <= now
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_account_is_due_thirty_days_later_and_not_before() {
        let deleted: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
        assert!(!is_due(deleted, "2026-07-01T11:59:59.999Z".parse().unwrap()));
        assert!(is_due(deleted, "2026-07-01T12:00:00Z".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn what_was_due_stays_due(start in 0i64..4_000_000_000, after in 0i64..100_000_000, more in 0i64..100_000_000) {
            let deleted = Timestamp::from_second(start).unwrap();
            let now = deleted + SignedDuration::from_secs(after);
            prop_assert!(!is_due(deleted, now) || is_due(deleted, now + SignedDuration::from_secs(more)));
        }
    }
}
