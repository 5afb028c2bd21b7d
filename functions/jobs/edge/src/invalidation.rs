//! Which paths are forgotten.

use std::collections::BTreeSet;

use contracts::{Received, edge::Edge};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// All that the API says of courses.
const COURSES: &str = "/api/v1/courses/";

/// Courses that are named one by one. A path with `*` counts as one, however much it covers, and at most 15 of them may be in progress
/// (CloudFront developer guide, "Quotas on invalidations"); a course takes two, and the other jobs that invalidate need some. Beyond that
/// all courses are forgotten with one path: each copy would end within a minute anyway.
pub const COURSES_MAX: usize = 5;

/// An invalidation of CloudFront.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalidation {
    /// Paths, each with `*` at its end: what follows a course's name in its address, and every query string.
    pub paths: Vec<String>,
    /// `CallerReference`: CloudFront takes a second request with the same reference and paths for the first one.
    pub reference: String,
}

impl Invalidation {
    /// What these messages ask for together; `None` where they ask for nothing.
    pub fn of<'a>(messages: impl IntoIterator<Item = &'a Received<Edge>>) -> Option<Self> {
        let (mut events, mut courses) = (BTreeSet::new(), BTreeSet::new());
        for Received { event_id, message, .. } in messages {
            events.insert(*event_id);
            courses.insert(message);
        }
        let paths = match courses.len() {
            0 => return None,
            1..=COURSES_MAX => courses.into_iter().flat_map(paths).collect(),
            _ => vec![format!("{COURSES}*")],
        };
        let mut digest = Sha256::new();
        events.iter().for_each(|event| digest.update(event.uuid()));
        // A release that covers other paths must not be taken for a repetition with other paths, which CloudFront refuses.
        paths.iter().for_each(|path| digest.update(path));
        Some(Self { paths, reference: HEXLOWER.encode(&digest.finalize()) })
    }
}

/// A course is kept under its identifier and under its name.
fn paths(message: &Edge) -> [String; 2] {
    let Edge::Course { course_id, slug } = message;
    [format!("{COURSES}{course_id}*"), format!("{COURSES}{slug}*")]
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;

    fn message(event: u8, course: u8) -> Received<Edge> {
        let id = |tail: u8| format!("01933b7a-3c5e-7000-8000-0000000000{tail:02x}");
        let course_id = id(course).parse().unwrap();
        Received {
            event_id: id(event).parse::<Id<_>>().unwrap(),
            occurred_at: "2026-06-01T12:00:00Z".parse().unwrap(),
            message: Edge::Course { course_id, slug: format!("course-{course}") },
        }
    }

    #[test]
    fn a_course_is_forgotten_under_both_of_its_names_with_all_below_them() {
        let found = Invalidation::of(&[message(1, 7)]).unwrap();
        let id = "/api/v1/courses/01933b7a-3c5e-7000-8000-000000000007*";
        assert_eq!(found.paths, [id, "/api/v1/courses/course-7*"]);
        assert_eq!(Invalidation::of(&[]), None);
    }

    #[test]
    fn the_reference_is_that_of_the_messages_in_any_order_and_number() {
        let (one, two) = (message(1, 7), message(2, 8));
        let found = Invalidation::of([&one, &two]).unwrap();
        assert_eq!(Invalidation::of([&two, &one, &two]).unwrap(), found);
        assert_eq!(found.reference.len(), 64, "CloudFront takes up to 128 characters");
        // The same course, changed once more: another invalidation.
        let again = Invalidation::of(&[message(3, 7)]).unwrap();
        let first = Invalidation::of(&[one]).unwrap();
        assert_eq!(again.paths, first.paths);
        assert_ne!(again.reference, first.reference);
    }

    #[test]
    fn many_courses_are_one_path() {
        let messages: Vec<_> = (0..=COURSES_MAX as u8).map(|number| message(number, number)).collect();
        assert_eq!(Invalidation::of(&messages[1..]).unwrap().paths.len(), 2 * COURSES_MAX);
        assert_eq!(Invalidation::of(&messages).unwrap().paths, ["/api/v1/courses/*"]);
        let same = (0..30).map(|event| message(event, 7)).collect::<Vec<_>>();
        assert_eq!(Invalidation::of(&same).unwrap().paths.len(), 2, "one course, however often");
    }
}
