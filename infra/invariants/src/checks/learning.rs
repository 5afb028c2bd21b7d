//! Invariant 6: counts of learners are recounts: lessons that they completed, and certificates that they have.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::learning::recount::Stored;
use kernel::{Id, id::kinds};
use store::entities::Lesson;

use crate::{Books, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Counters, findings };
    lessons(books, &mut notes);
    certificates(books, &mut notes);
}

/// The count of an enrolment's completed lessons, by the rule by which the janitor mends it.
fn lessons(books: &Books, notes: &mut Notes<'_>) {
    let mut courses: HashMap<_, HashMap<_, _>> = HashMap::new();
    for Lesson { id, course_id, video_id, .. } in &books.lessons {
        courses.entry(*course_id).or_default().insert(*id, *video_id);
    }
    let mut completed: HashMap<_, HashSet<_>> = HashMap::new();
    for progress in books.lesson_progress.iter().filter(|progress| progress.is_completed()) {
        completed.entry(progress.enrollment_id).or_default().insert(progress.lesson_id);
    }
    let mut counted_videos: HashMap<_, HashSet<_>> = HashMap::new();
    for progress in books.video_progress.iter().filter(|progress| progress.is_counted()) {
        counted_videos.entry(progress.enrollment_id).or_default().insert(progress.video_id);
    }
    let (no_lessons, none, no_videos) = (HashMap::new(), HashSet::new(), HashSet::new());
    // Of who deletes his account, progress goes first.
    for enrollment in books.enrollments.iter().filter(|one| books.users.contains(&one.user_id)) {
        let stored = Stored {
            lessons: courses.get(&enrollment.course_id).unwrap_or(&no_lessons),
            completed: completed.get(&enrollment.id).unwrap_or(&none),
            counted_videos: counted_videos.get(&enrollment.id).unwrap_or(&no_videos),
        };
        let what = "the count of its completed lessons";
        let count = enrollment.lessons_completed;
        notes.same(format!("enrolment {}", enrollment.id), what, count, stored.mended(count));
    }
}

/// The count of a learner's certificates: those that are shown and were not taken back. Each is its enrolment's one certificate.
fn certificates(books: &Books, notes: &mut Notes<'_>) {
    let mut earned: BTreeMap<Id<kinds::User>, u64> = BTreeMap::new();
    let mut certified = BTreeSet::new();
    let enrollments: HashMap<_, _> = books.enrollments.iter().map(|one| (one.id, one)).collect();
    for certificate in books.certificates.iter().filter(|one| books.users.contains(&one.user_id)) {
        let is_held = certificate.ready_at.is_some() && certificate.revoked_at.is_none();
        *earned.entry(certificate.user_id).or_default() += u64::from(is_held);
        let subject = format!("certificate {}", certificate.code);
        let first = certified.insert(certificate.enrollment_id);
        notes.demand(first, &subject, format!("enrolment {} has another one", certificate.enrollment_id));
        let points = enrollments.get(&certificate.enrollment_id).and_then(|one| one.certificate_code);
        notes.same(&subject, "the certificate of its enrolment", points, Some(certificate.code));
    }
    for stats in books.learners.iter().filter(|stats| books.users.contains(&stats.user_id)) {
        let expected = earned.remove(&stats.user_id).unwrap_or_default();
        let subject = format!("user {}", stats.user_id);
        notes.same(subject, "the count of certificates", stats.certificates_earned, expected);
    }
    for (user, count) in earned.into_iter().filter(|(_, count)| *count > 0) {
        notes.note(format!("user {user}"), format!("he has {count} certificates and no counts"));
    }
}
