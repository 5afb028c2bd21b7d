//! What an instructor's profile says of his teaching (seed 001 §4.3): courses, students, rating.
//!
//! One item of an instructor, which is added to in the transactions that publish and unpublish his courses, enrol students in them, and write,
//! change and remove reviews of them. So it is exact at every moment, and a page reads one item, however many courses he has.

use domain::review::Distribution;
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use super::course::Course;
use crate::{Entity, Key, Table, Update};

/// The numbers of an instructor.
///
/// They are signed: after the erasure of his account, which removes the item, what is left of his courses may still lose students.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TeachingStats {
    /// The instructor.
    pub instructor_id: Id<kinds::User>,
    /// Published courses.
    #[serde(default)]
    courses_count: i64,
    /// Enrolments in all his courses; who takes two of them counts twice.
    #[serde(default)]
    students_count: i64,
    #[serde(default)]
    rated_1: i64,
    #[serde(default)]
    rated_2: i64,
    #[serde(default)]
    rated_3: i64,
    #[serde(default)]
    rated_4: i64,
    #[serde(default)]
    rated_5: i64,
}

/// A number as it is shown.
fn shown(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl TeachingStats {
    /// The key of an instructor's numbers.
    pub fn key_of(instructor: Id<kinds::User>) -> Key {
        Key::new(format!("TEACHING#{instructor}"), "STATS")
    }

    /// Published courses.
    pub fn courses(&self) -> u64 {
        shown(self.courses_count)
    }

    /// Enrolments in all his courses.
    pub fn students(&self) -> u64 {
        shown(self.students_count)
    }

    /// Reviews of all his courses.
    pub fn ratings(&self) -> Distribution {
        Distribution {
            rated_1: shown(self.rated_1),
            rated_2: shown(self.rated_2),
            rated_3: shown(self.rated_3),
            rated_4: shown(self.rated_4),
            rated_5: shown(self.rated_5),
        }
    }
}

impl Entity for TeachingStats {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "teaching_stats";

    fn key(&self) -> Key {
        Self::key_of(self.instructor_id)
    }
}

/// A change of an instructor's numbers, to which the caller adds.
fn numbers(instructor: Id<kinds::User>) -> Update {
    Update::upsert::<TeachingStats>(TeachingStats::key_of(instructor)).set("instructor_id", instructor)
}

/// Counts published courses.
pub(crate) fn count_courses(course: &Course, by: i64) -> Update {
    numbers(course.instructor_id).add("courses_count", by)
}

/// Counts students.
pub(crate) fn count_students(instructor: Id<kinds::User>, by: i64) -> Update {
    numbers(instructor).add("students_count", by)
}

/// Counts ratings: each by the name of its counter ([`domain::review::Rating::counter`]).
pub(crate) fn count_ratings(instructor: Id<kinds::User>, changes: &[(&'static str, i64)]) -> Update {
    changes.iter().fold(numbers(instructor), |update, (counter, by)| update.add(*counter, *by))
}
