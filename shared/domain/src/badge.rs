//! What lists say of a course besides its own words (seed 001 §4.3, `is_bestseller` and `is_new`).

use kernel::{SignedDuration, Timestamp};

/// How long after its first publication a course is new.
pub const NEW_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Fewest students of a bestseller.
pub const BESTSELLER_STUDENTS: u64 = 1_000;
/// Lowest average rating of a bestseller, in hundredths of a star.
pub const BESTSELLER_RATING: u64 = 400;

/// Whether a course is new.
pub fn is_new(published_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(published_at) < NEW_FOR
}

/// Whether a course sells well and is liked. It follows from the course alone, so that its page and every list say the same.
pub const fn is_bestseller(students: u64, rating_hundredths: u64) -> bool {
    students >= BESTSELLER_STUDENTS && rating_hundredths >= BESTSELLER_RATING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_for_thirty_days() {
        let at: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
        assert!(is_new(at, at) && is_new(at, "2026-07-01T11:59:59Z".parse().unwrap()));
        assert!(!is_new(at, "2026-07-01T12:00:00Z".parse().unwrap()));
    }

    #[test]
    fn bestsellers_have_students_and_stars() {
        assert!(is_bestseller(1_000, 400));
        assert!(!is_bestseller(999, 500) && !is_bestseller(1_000, 399));
    }
}
