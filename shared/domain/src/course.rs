//! Courses, sections and lessons.

pub mod archive;
pub mod copy;
pub mod price;
pub mod publish;
pub mod quiz;
pub mod resource;
pub mod slug;
pub mod tag;

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

pub use price::Price;
pub use publish::Missing;

/// Sections of a course. It bounds the list that the course's item carries and what its page reads.
pub const SECTIONS_MAX: usize = 100;
/// Lessons of a course, in all its sections. It bounds what its page reads.
pub const LESSONS_MAX: u32 = 500;
/// Bytes of a course as one document: what one answer of a Lambda function carries is 6 MB (Lambda developer guide, "Quotas").
pub const DOCUMENT_MAX: usize = 5_000_000;
/// Copies of whole courses that one teacher makes in an hour: each may write thousands of items.
pub const COPIES_PER_HOUR: u32 = 60;
/// Characters of a text lesson; it stays far below DynamoDB's 400 KB for an item in any script.
pub const TEXT_MAX: usize = 50_000;

/// State of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CourseStatus {
    /// Its instructor alone sees it.
    Draft,
    /// Everybody sees it.
    Published,
}

/// Level of a course (seed 001).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No knowledge needed.
    #[default]
    Beginner,
    /// Some knowledge needed.
    Intermediate,
    /// Much knowledge needed.
    Advanced,
}

/// Kind of a lesson (seed 000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LessonKind {
    /// A video.
    Video,
    /// A text.
    Text,
    /// Questions that the server grades.
    Quiz,
    /// Files, and nothing else.
    File,
}

/// Why a change of a course is not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The course has no such section.
    #[error("the course has no such section")]
    NoSection,
    /// The course has no such lesson.
    #[error("the course has no such lesson")]
    NoLesson,
    /// [`SECTIONS_MAX`] is reached.
    #[error("the course has {SECTIONS_MAX} sections already")]
    TooManySections,
    /// [`LESSONS_MAX`] is reached.
    #[error("the course has {LESSONS_MAX} lessons already")]
    TooManyLessons,
    /// The section still has lessons.
    #[error("the section still has lessons")]
    SectionNotEmpty,
    /// The new order does not name each of them exactly once.
    #[error("the order does not name each of them exactly once")]
    NotAPermutation,
    /// The new order changes more than one transaction can.
    #[error("the order changes too much at once")]
    TooManyMoves,
    /// The instructor has no such video.
    #[error("the instructor has no such video")]
    NoVideo,
    /// Another lesson or another course has the video.
    #[error("another lesson has the video")]
    VideoInUse,
    /// No such file was uploaded for the course, or a lesson has it.
    #[error("there is no such uploaded file")]
    NoFile,
    /// The lesson has no such file.
    #[error("the lesson has no such file")]
    NoResource,
    /// [`resource::RESOURCES_MAX`] is reached.
    #[error("the lesson has {} files already", resource::RESOURCES_MAX)]
    TooManyResources,
    /// The copy was begun so long ago that the janitor may have removed the files which were brought for it.
    #[error("the copy was begun too long ago")]
    CopyTooOld,
    /// A field belongs to lessons of the other kind.
    #[error("{0} belongs to lessons of another kind")]
    WrongKind(&'static str),
    /// A price before the discount that is below the price.
    #[error("the original price is below the price")]
    OriginalPriceTooLow,
    /// Students see the course: it must stay one that can be taken. Or it is not one yet.
    #[error("the course can't be taken")]
    NotTakeable(Vec<Missing>),
}

/// Whether `wanted` names each of `current` exactly once.
pub fn is_permutation<T: Ord + Copy>(current: &[T], wanted: &[T]) -> bool {
    let sorted = |ids: &[T]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    sorted(current) == sorted(wanted)
}

/// Discount in whole percent, rounded down, so that no more is promised than given (seed 001: 89.99 of 129.99 is 30).
pub fn discount_percent(price: Option<Price>, original: Option<Price>) -> u64 {
    match (price, original) {
        (Some(price), Some(original)) if original > price => {
            (original.minor() - price.minor()) * 100 / original.minor()
        }
        _ => 0,
    }
}

/// Hours with two decimals, as seed 001 shows a course's duration.
pub fn duration_hours(seconds: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a course lasts far less than 2^52 seconds")]
    let hundredths = (seconds as f64 / 36.0).round();
    hundredths / 100.0
}

/// Whole minutes, rounded up: a lesson of ten seconds takes a minute, not none.
pub const fn duration_minutes(seconds: u64) -> u64 {
    seconds.div_ceil(60)
}

/// Progress in whole percent, rounded down: 100 means all.
pub fn progress_percent(completed: u32, lessons: u32) -> u32 {
    completed.min(lessons).saturating_mul(100).checked_div(lessons).unwrap_or(0)
}

/// Who looks at a course.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// Teaches it.
    pub owner: bool,
    /// Has an enrolment that gives access now.
    pub enrolled: bool,
}

impl Viewer {
    /// Whether he may know of the course at all.
    pub fn may_see(self, status: CourseStatus) -> bool {
        self.owner || status == CourseStatus::Published
    }

    /// Whether he may watch or read a lesson: its teacher, its students even after the course was taken out of the list, and
    /// everybody where it is a preview of a published course.
    pub fn may_take(self, status: CourseStatus, is_preview: bool) -> bool {
        self.owner || self.enrolled || (is_preview && status == CourseStatus::Published)
    }
}

/// `order` without `gone`.
pub fn without(order: &[Id<kinds::Lesson>], gone: Id<kinds::Lesson>) -> Vec<Id<kinds::Lesson>> {
    order.iter().copied().filter(|id| *id != gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_names_each_once() {
        for (wanted, valid) in [
            (&[3, 1, 2][..], true),
            (&[1, 2, 3], true),
            (&[1, 2], false),
            (&[1, 2, 2], false),
            (&[1, 2, 3, 3], false),
            (&[1, 2, 4], false),
        ] {
            assert_eq!(is_permutation(&[1, 2, 3], wanted), valid, "{wanted:?}");
        }
        assert!(is_permutation::<u8>(&[], &[]));
    }

    #[test]
    fn discounts_promise_no_more_than_they_give() {
        let price = |minor| Some(Price::from_minor(minor));
        for (now, before, percent) in [
            (price(8_999), price(12_999), 30),
            (price(0), price(1_000), 100),
            (price(1_000), price(1_000), 0),
            (price(1_000), None, 0),
            (None, price(1_000), 0),
            (price(0), price(0), 0),
        ] {
            assert_eq!(discount_percent(now, before), percent, "{now:?} {before:?}");
        }
    }

    #[test]
    fn durations_and_progress() {
        assert_eq!(duration_hours(187_200).to_string(), "52");
        assert_eq!(duration_hours(5_400).to_string(), "1.5");
        assert_eq!(
            (duration_minutes(0), duration_minutes(1), duration_minutes(60), duration_minutes(61)),
            (0, 1, 1, 2)
        );
        assert_eq!((progress_percent(0, 0), progress_percent(2, 3), progress_percent(3, 3)), (0, 66, 100));
        assert_eq!(progress_percent(4, 3), 100, "a lesson that was deleted after it was completed");
    }

    #[test]
    fn who_sees_and_who_takes() {
        use CourseStatus::{Draft, Published};
        let (owner, student, visitor) = (
            Viewer { owner: true, enrolled: false },
            Viewer { owner: false, enrolled: true },
            Viewer::default(),
        );
        for (viewer, status, preview, see, take) in [
            (owner, Draft, false, true, true),
            (student, Draft, false, false, true),
            (visitor, Draft, true, false, false),
            (visitor, Published, true, true, true),
            (visitor, Published, false, true, false),
            (student, Published, false, true, true),
        ] {
            assert_eq!(
                (viewer.may_see(status), viewer.may_take(status, preview)),
                (see, take),
                "{viewer:?} {status:?}"
            );
        }
    }
}
