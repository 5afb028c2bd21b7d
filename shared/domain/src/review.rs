//! Reviews of courses (seeds 000, 001 §4.3): who may write one, its parts, and the arithmetic of ratings.

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

use crate::enrollment::{EnrollmentStatus, gives_access};

/// Longest title, in characters (seed 001, Review.title).
pub const TITLE_MAX: usize = 255;
/// Longest comment, in characters.
pub const COMMENT_MAX: usize = 5_000;
/// Longest reply of an instructor, in characters.
pub const REPLY_MAX: usize = 2_000;
/// How often a review is changed. Each change keeps the text before it, and a review goes together with all of them in one
/// transaction, which DynamoDB bounds.
pub const EDITS_MAX: u32 = 20;

/// Stars, from 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Rating(u8);

/// The number is no rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to 5")]
pub struct InvalidRating;

impl Rating {
    /// Every rating, the lowest first.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// The number of stars.
    pub const fn stars(self) -> u8 {
        self.0
    }

    /// The field of [`Distribution`] that counts it.
    pub const fn counter(self) -> &'static str {
        ["rated_1", "rated_2", "rated_3", "rated_4", "rated_5"][self.index()]
    }

    /// Its place among [`Rating::ALL`].
    const fn index(self) -> usize {
        self.0 as usize - 1
    }
}

impl TryFrom<u8> for Rating {
    type Error = InvalidRating;

    fn try_from(stars: u8) -> Result<Self, InvalidRating> {
        if (1..=5).contains(&stars) { Ok(Self(stars)) } else { Err(InvalidRating) }
    }
}

impl From<Rating> for u8 {
    fn from(rating: Rating) -> Self {
        rating.0
    }
}

impl utoipa::PartialSchema for Rating {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1.0))
            .maximum(Some(5.0))
            .description(Some("Stars"))
            .examples([serde_json::json!(5)])
            .into()
    }
}

impl utoipa::ToSchema for Rating {
    fn name() -> std::borrow::Cow<'static, str> {
        "Rating".into()
    }
}

/// How many reviews of a course gave how many stars. It is all that is kept of the ratings: count, sum and average follow from it,
/// so that they can't disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// Reviews with one star.
    #[serde(default)]
    pub rated_1: u64,
    /// Reviews with two stars.
    #[serde(default)]
    pub rated_2: u64,
    /// Reviews with three stars.
    #[serde(default)]
    pub rated_3: u64,
    /// Reviews with four stars.
    #[serde(default)]
    pub rated_4: u64,
    /// Reviews with five stars.
    #[serde(default)]
    pub rated_5: u64,
}

impl Distribution {
    /// Reviews by stars, the lowest first.
    pub const fn counts(&self) -> [u64; 5] {
        [self.rated_1, self.rated_2, self.rated_3, self.rated_4, self.rated_5]
    }

    /// Reviews with this rating.
    pub const fn of(&self, rating: Rating) -> u64 {
        self.counts()[rating.index()]
    }

    /// Reviews in all.
    pub fn count(&self) -> u64 {
        self.counts().iter().sum()
    }

    /// Stars in all.
    pub fn sum(&self) -> u64 {
        Rating::ALL.iter().map(|rating| u64::from(rating.stars()) * self.of(*rating)).sum()
    }

    /// The average in hundredths of a star, a half rounded up; 0 where there is no review (seed 001, Course.rating).
    pub fn average_hundredths(&self) -> u64 {
        let count = self.count();
        (self.sum() * 100 + count / 2).checked_div(count).unwrap_or(0)
    }

    /// The average with two decimals, as the API shows it.
    pub fn average(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 500")]
        let hundredths = self.average_hundredths() as f64;
        hundredths / 100.0
    }
}

impl FromIterator<Rating> for Distribution {
    fn from_iter<I: IntoIterator<Item = Rating>>(ratings: I) -> Self {
        let mut all = Self::default();
        for rating in ratings {
            let Self { rated_1, rated_2, rated_3, rated_4, rated_5 } = &mut all;
            *[rated_1, rated_2, rated_3, rated_4, rated_5][rating.index()] += 1;
        }
        all
    }
}

/// The ratings of a course as the API shows them (seed 001 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RatingSummary {
    /// Reviews in all.
    #[schema(example = 45_280)]
    pub count: u64,
    /// The average with two decimals; 0 where there is no review.
    #[schema(example = 4.67)]
    pub rating: f64,
    /// Reviews by stars.
    pub distribution: StarCounts,
}

/// Reviews by stars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StarCounts {
    /// Five stars.
    #[serde(rename = "5")]
    #[schema(example = 35_000)]
    pub five: u64,
    /// Four stars.
    #[serde(rename = "4")]
    #[schema(example = 8_000)]
    pub four: u64,
    /// Three stars.
    #[serde(rename = "3")]
    #[schema(example = 1_500)]
    pub three: u64,
    /// Two stars.
    #[serde(rename = "2")]
    #[schema(example = 500)]
    pub two: u64,
    /// One star.
    #[serde(rename = "1")]
    #[schema(example = 280)]
    pub one: u64,
}

impl From<Distribution> for RatingSummary {
    fn from(ratings: Distribution) -> Self {
        let [one, two, three, four, five] = ratings.counts();
        Self {
            count: ratings.count(),
            rating: ratings.average(),
            distribution: StarCounts { five, four, three, two, one },
        }
    }
}

/// The order of a list of reviews; the names are those of seed 001.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Ordering {
    /// The newest first.
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    /// The oldest first.
    #[serde(rename = "created_at")]
    Oldest,
    /// The most stars first, of those with as many the newest first.
    #[serde(rename = "-rating")]
    Highest,
    /// The fewest stars first, of those with as many the oldest first.
    #[serde(rename = "rating")]
    Lowest,
    /// The most helpful first, of those that are as helpful the newest first.
    #[serde(rename = "-helpful_count")]
    MostHelpful,
}

impl Ordering {
    /// As it is written in a query.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "-created_at",
            Self::Oldest => "created_at",
            Self::Highest => "-rating",
            Self::Lowest => "rating",
            Self::MostHelpful => "-helpful_count",
        }
    }
}

/// Why somebody may not write a review, or not vote on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// He teaches the course.
    #[error("nobody reviews his own course")]
    OwnCourse,
    /// He has no enrolment that gives access now.
    #[error("only enrolled students review a course")]
    NotEnrolled,
    /// The review is his own.
    #[error("nobody votes on his own review")]
    OwnReview,
}

/// An enrolment as far as it decides about reviews: its state, and when it ends.
pub type Enrolled = (EnrollmentStatus, Option<Timestamp>);

/// Whether somebody may write a review of a course: a student who learns there or has completed it.
///
/// # Errors
/// [`NotAllowed`].
pub fn may_review(
    teacher: Id<kinds::User>,
    writer: Id<kinds::User>,
    enrolled: Option<Enrolled>,
    now: Timestamp,
) -> Result<(), NotAllowed> {
    if teacher == writer {
        return Err(NotAllowed::OwnCourse);
    }
    match enrolled {
        Some((status, expiry)) if gives_access(status, expiry, now) => Ok(()),
        _ => Err(NotAllowed::NotEnrolled),
    }
}

/// Whether somebody may say that a review is helpful: whoever did not write it.
///
/// # Errors
/// [`NotAllowed::OwnReview`].
pub fn may_vote(writer: Id<kinds::User>, voter: Id<kinds::User>) -> Result<(), NotAllowed> {
    if writer == voter { Err(NotAllowed::OwnReview) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distribution(counts: [u64; 5]) -> Distribution {
        let [rated_1, rated_2, rated_3, rated_4, rated_5] = counts;
        Distribution { rated_1, rated_2, rated_3, rated_4, rated_5 }
    }

    #[test]
    fn a_rating_is_a_whole_number_from_one_to_five() {
        for (text, valid) in [
            ("0", false),
            ("1", true),
            ("5", true),
            ("6", false),
            ("-1", false),
            ("4.5", false),
            ("\"5\"", false),
        ] {
            assert_eq!(serde_json::from_str::<Rating>(text).is_ok(), valid, "{text}");
        }
        assert_eq!(serde_json::to_string(&Rating::ALL).unwrap(), "[1,2,3,4,5]");
    }

    #[test]
    fn each_rating_has_its_counter() {
        let json = serde_json::to_value(distribution([1, 2, 3, 4, 5])).unwrap();
        for rating in Rating::ALL {
            assert_eq!(json[rating.counter()], rating.stars());
        }
        assert_eq!(serde_json::from_str::<Distribution>("{}").unwrap(), Distribution::default());
    }

    #[test]
    fn averages_have_two_decimals_and_round_a_half_up() {
        for (counts, average) in [
            ([0, 0, 0, 0, 0], 0.0),
            ([1, 0, 0, 0, 0], 1.0),
            ([0, 0, 0, 1, 2], 4.67),
            ([0, 0, 0, 2, 1], 4.33),
            // 4.005 and 4.995: a float sum would fall to the wrong side.
            ([0, 0, 0, 199, 1], 4.01),
            ([0, 0, 0, 1, 199], 5.0),
            ([280, 500, 1_500, 8_000, 35_000], 4.7),
        ] {
            let average_now = distribution(counts).average();
            assert!((average_now - average).abs() < 1e-9, "{counts:?}: {average_now}");
        }
    }

    #[test]
    fn the_summary_is_that_of_the_seed() {
        let summary: RatingSummary = distribution([1, 0, 0, 0, 3]).into();
        let json = serde_json::json!(
            {"count": 4, "rating": 4.0, "distribution": {"5": 3, "4": 0, "3": 0, "2": 0, "1": 1}}
        );
        assert_eq!(serde_json::to_value(summary).unwrap(), json);
    }

    #[test]
    fn orderings_are_written_as_they_are_named() {
        use Ordering::{Highest, Lowest, MostHelpful, Newest, Oldest};
        for ordering in [Newest, Oldest, Highest, Lowest, MostHelpful] {
            assert_eq!(serde_json::to_value(ordering).unwrap(), ordering.as_str());
        }
    }

    #[test]
    fn students_review_and_others_vote() {
        let id =
            |n: u8| -> Id<kinds::User> { format!("01933b7a-3c5e-7000-8000-4f2d1c9a7b1{n}").parse().unwrap() };
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        let (teacher, student) = (id(1), id(2));
        for (enrolled, outcome) in [
            (None, Err(NotAllowed::NotEnrolled)),
            (Some((EnrollmentStatus::Active, None)), Ok(())),
            (Some((EnrollmentStatus::Completed, None)), Ok(())),
            (Some((EnrollmentStatus::Suspended, None)), Err(NotAllowed::NotEnrolled)),
            (Some((EnrollmentStatus::Expired, None)), Err(NotAllowed::NotEnrolled)),
            (Some((EnrollmentStatus::Active, Some(now))), Err(NotAllowed::NotEnrolled)),
        ] {
            assert_eq!(may_review(teacher, student, enrolled, now), outcome, "{enrolled:?}");
        }
        let enrolled = Some((EnrollmentStatus::Active, None));
        assert_eq!(may_review(teacher, teacher, enrolled, now), Err(NotAllowed::OwnCourse));
        assert_eq!(may_vote(student, student), Err(NotAllowed::OwnReview));
        assert_eq!(may_vote(student, teacher), Ok(()));
    }

    proptest! {
        #[test]
        fn the_average_is_nearer_to_the_exact_one_than_half_a_hundredth(
            counts in prop::array::uniform5(0u64..1_000_000_000)
        ) {
            let ratings = distribution(counts);
            let (count, sum) = (u128::from(ratings.count()), u128::from(ratings.sum()));
            let average = u128::from(ratings.average_hundredths());
            // |average / 100 - sum / count| <= 1 / 200, without a division.
            prop_assert!((average * count).abs_diff(sum * 100) * 2 <= count);
            prop_assert!(count == 0 || (100..=500).contains(&average));
        }

        #[test]
        fn more_stars_never_lower_the_average(
            counts in prop::array::uniform5(0u64..1_000), from in 0usize..5, to in 0usize..5
        ) {
            let mut better = counts;
            prop_assume!(counts[from] > 0 && from <= to);
            better[from] -= 1;
            better[to] += 1;
            prop_assert!(distribution(better).average_hundredths() >= distribution(counts).average_hundredths());
        }
    }
}
