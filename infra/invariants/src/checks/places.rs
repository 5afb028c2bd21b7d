//! Invariant 2: a line is paid and not refunded, exactly where its buyer has one place in its course from it.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    commerce::{Line, SourceKey},
    enrollment::{EnrollmentStatus, gives_access},
};
use kernel::{Id, Timestamp, id::kinds};
use store::entities::{Enrollment, Order, commerce::reminder::ReminderKind};

use crate::{Books, Finding, Invariant, finding::Notes};

type Place = (Id<kinds::User>, Id<kinds::Course>);

pub(crate) fn check(books: &Books, now: Timestamp, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Places, findings };
    let mut places: HashMap<Place, Vec<&Enrollment>> = HashMap::new();
    for enrollment in &books.enrollments {
        places.entry((enrollment.user_id, enrollment.course_id)).or_default().push(enrollment);
    }
    guards(books, &places, &mut notes);
    let granting: HashSet<_> = books
        .reminders
        .iter()
        .filter(|reminder| reminder.kind == ReminderKind::Unfulfilled)
        .map(|reminder| reminder.order_id)
        .collect();
    for order in books.orders.iter().filter(|order| order.status.was_paid()) {
        let guaranteed = order.is_fulfilled() || granting.contains(&order.id);
        notes.demand(
            guaranteed,
            order.id,
            "not all courses are granted, and no reminder guarantees that they will be",
        );
        // Of who deletes his account, places go first.
        if books.users.contains(&order.user_id) {
            let granted = order.lines.iter().take(order.fulfilled);
            granted.for_each(|line| granted_line(order, line, &places, now, &mut notes));
        }
    }
    let orders = books.orders_by_id();
    for enrollment in &books.enrollments {
        sources(enrollment, &orders, &mut notes);
    }
}

/// One place of a user in a course, and the guard that keeps it so.
fn guards(books: &Books, places: &HashMap<Place, Vec<&Enrollment>>, notes: &mut Notes<'_>) {
    let guards: HashMap<Place, _> =
        books.guards.iter().map(|guard| ((guard.user_id, guard.course_id), guard.enrollment_id)).collect();
    for ((user, course), of_place) in places {
        let subject = format!("user {user}, course {course}");
        let ids: Vec<_> = of_place.iter().map(|enrollment| enrollment.id).collect();
        notes.demand(ids.len() == 1, &subject, format!("there are {} enrolments: {ids:?}", ids.len()));
        let guard = guards.get(&(*user, *course));
        let guarded = guard.is_some_and(|guard| ids.contains(guard));
        notes.demand(guarded, &subject, format!("the guard names {guard:?}, not one of {ids:?}"));
    }
}

/// What went back of a line for certain, and whether that was all of it. A line that cost nothing can't go back.
fn is_returned(order: &Order, line: &Line) -> bool {
    let returned = order.returned.get(&line.id).copied().unwrap_or_default();
    line.paid_minor > 0 && returned >= line.paid_minor
}

fn granted_line(
    order: &Order,
    line: &Line,
    places: &HashMap<Place, Vec<&Enrollment>>,
    now: Timestamp,
    notes: &mut Notes<'_>,
) {
    if is_returned(order, line) {
        return;
    }
    let subject = format!("order {}, item {}", order.id, line.id);
    let of_place = places.get(&(order.user_id, line.course_id)).map(Vec::as_slice).unwrap_or_default();
    let key = SourceKey::Order(order.id);
    let from_it: Vec<_> =
        of_place.iter().filter(|enrollment| enrollment.sources().0.contains_key(&key)).collect();
    let [enrollment] = from_it.as_slice() else {
        let what =
            format!("it is paid, and {} enrolments in course {} are from it", from_it.len(), line.course_id);
        return notes.note(subject, what);
    };
    // What an admin has suspended or given an end, he has: the right to it stays.
    let lives = enrollment.status == EnrollmentStatus::Suspended
        || enrollment.expiry_date.is_some_and(|end| end <= now)
        || gives_access(enrollment.status, enrollment.expiry_date, now);
    let what =
        format!("it is paid, and its enrolment {} gives no access ({})", enrollment.id, enrollment.status);
    notes.demand(lives, subject, what);
}

/// The orders that an enrolment comes from gave it, and still do.
fn sources(enrollment: &Enrollment, orders: &BTreeMap<Id<kinds::Order>, &Order>, notes: &mut Notes<'_>) {
    let sources = enrollment.sources();
    let subject = format!("enrolment {}", enrollment.id);
    let expired = enrollment.status == EnrollmentStatus::Expired;
    let may_be_empty = expired || enrollment.status == EnrollmentStatus::Suspended;
    notes.demand(!sources.is_empty() || may_be_empty, &subject, "it gives access without any source");
    for (key, source) in &sources.0 {
        let SourceKey::Order(id) = key else { continue };
        let subject = format!("{subject}, order {id}");
        let Some(order) = orders.get(id).filter(|order| order.user_id == enrollment.user_id) else {
            notes.note(subject, "its user has no such order");
            continue;
        };
        notes.demand(order.status.was_paid(), &subject, format!("the order is {}", order.status));
        let line = order.lines.iter().find(|line| line.course_id == enrollment.course_id);
        let Some(line) = line.filter(|line| source.item_id == Some(line.id)) else {
            notes.note(
                subject,
                format!("the order has no item {:?} for course {}", source.item_id, enrollment.course_id),
            );
            continue;
        };
        // Who has completed a course keeps it.
        let kept = !is_returned(order, line) || enrollment.completed_at.is_some();
        notes.demand(
            kept,
            &subject,
            format!("all of item {} was refunded, and it still is a source", line.id),
        );
    }
}
