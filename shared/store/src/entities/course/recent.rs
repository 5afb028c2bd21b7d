//! Which reviews a course's page shows.
//!
//! The page reads a course, then all that it names in one batch. So the course names some of its newest reviews with their authors. A
//! review takes one of four places, whatever is there, and gives it back when it goes: both are changes without a read, so that any
//! number of students may review at one moment. The newest review is always there; of the others those that nobody has replaced yet.

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

/// The attributes that are the places.
const PLACES: [&str; 4] = ["recent_0", "recent_1", "recent_2", "recent_3"];

/// A review and its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentReview {
    /// The review.
    pub review_id: Id<kinds::Review>,
    /// Who wrote it.
    pub user_id: Id<kinds::User>,
}

/// Some of the newest reviews of a course.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentReviews {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recent_0: Option<RecentReview>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recent_1: Option<RecentReview>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recent_2: Option<RecentReview>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recent_3: Option<RecentReview>,
}

impl RecentReviews {
    /// Those that are there, in no order. A review may have gone since the course was read.
    pub fn iter(&self) -> impl Iterator<Item = RecentReview> + use<> {
        [self.recent_0, self.recent_1, self.recent_2, self.recent_3].into_iter().flatten()
    }

    /// The attribute of the course that is a review's place.
    pub(crate) fn place(review: Id<kinds::Review>) -> &'static str {
        // The last bits of a UUIDv7 are random.
        PLACES[usize::from(review.uuid().as_bytes()[15] % 4)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_a_field() {
        let id = |last: u8| format!("01933b7a-3c5e-7000-8000-4f2d1c9a7b1{last}");
        for last in 0..4 {
            let review = id(last).parse().unwrap();
            let value = serde_json::json!({(RecentReviews::place(review)): {"review_id": id(last), "user_id": id(9)}});
            let recent: RecentReviews = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(recent.iter().map(|one| one.review_id).collect::<Vec<_>>(), [review]);
            assert_eq!(serde_json::to_value(recent).unwrap(), value);
        }
    }
}
