//! What the payment of an order gives: a place in each of its courses.

use std::collections::{BTreeMap, HashMap};

use domain::commerce::{Line, Source, SourceKey, Sources, payment::SetAsideReason};
use kernel::{Id, Secret, Timestamp, id::kinds};

use super::{Order, Orders, Part};
use crate::{
    Condition, StoreError, Transaction, Update,
    entities::{
        Cart, Course, Enrollment, EnrollmentGuard, Payment, Person, SetAside, enrollment::LearnerChange,
        teaching::count_students,
    },
};

/// Lines that one transaction grants: each takes up to four actions, the order and all that goes with it twelve, and DynamoDB allows 100.
pub(super) const LINES_PER_STEP: usize = 20;

/// What is stored of all that a step touches.
pub(super) struct Facts {
    student: Secret<String>,
    /// Courses that are there.
    courses: HashMap<Id<kinds::Course>, Course>,
    guards: HashMap<Id<kinds::Course>, EnrollmentGuard>,
    enrollments: HashMap<Id<kinds::Enrollment>, Enrollment>,
    /// The buyer's cart.
    pub(super) cart: Option<Cart>,
    /// The payment that pays the order.
    pub(super) payment: Option<Payment>,
}

impl Order {
    /// The lines of the next step: those of them that give a right.
    pub(super) fn next_lines(&self) -> &[Line] {
        let end = self.lines.len().min(self.fulfilled + LINES_PER_STEP);
        self.lines.get(self.fulfilled..end).unwrap_or_default()
    }
}

impl Orders<'_> {
    /// Reads what granting these lines depends on: one batch, and a second one where the buyer has some of the courses.
    pub(super) async fn facts(
        &self,
        order: &Order,
        lines: &[Line],
        payment: Option<&str>,
    ) -> Result<Facts, StoreError> {
        let user = order.user_id;
        let batch = self
            .0
            .batch()
            .with_people([user])
            .with::<Cart>(Cart::key_of(user))
            .with_all::<Payment>(payment.map(|id| Payment::key_of(order.id, id)))
            .with_all::<Course>(lines.iter().map(|line| Course::key_of(line.course_id)))
            .with_all::<EnrollmentGuard>(
                lines.iter().map(|line| EnrollmentGuard::key_of(user, line.course_id)),
            );
        let found = batch.read().await?;
        let guards = found.all::<EnrollmentGuard>()?;
        let enrollments = self.0.enrollments().of_guards(&guards).await?;
        // Who deleted his account has no name any more.
        let nobody = || Secret::new(String::new());
        let courses = found.all::<Course>()?.into_iter().filter(|course| course.deleted_at.is_none());
        Ok(Facts {
            student: found.one::<Person>()?.map_or_else(nobody, |person| person.full_name()),
            courses: courses.map(|course| (course.id, course)).collect(),
            guards: guards.into_iter().map(|guard| (guard.course_id, guard)).collect(),
            enrollments: enrollments.into_iter().map(|enrollment| (enrollment.id, enrollment)).collect(),
            cart: found.one()?,
            payment: found.one()?,
        })
    }
}

impl Facts {
    /// Adds what gives the buyer a place in the courses of these lines: an enrolment where he has none, with the counts of the course, its
    /// teacher and the learner; else the order as another source of the one that he has.
    pub(super) fn grant<'a>(
        &self,
        mut transaction: Transaction<'a, Part>,
        order: &Order,
        lines: &[Line],
        now: Timestamp,
    ) -> Transaction<'a, Part> {
        let mut learner = LearnerChange::default();
        let mut teachers: BTreeMap<Id<kinds::User>, i64> = BTreeMap::new();
        for line in lines {
            let (key, source) =
                (SourceKey::Order(order.id), Source { granted_at: now, item_id: Some(line.id) });
            let guard = self.guards.get(&line.course_id);
            if let Some(there) = guard.and_then(|guard| self.enrollments.get(&guard.enrollment_id)) {
                if let Some(change) = there.grant(key, source, now) {
                    learner.moved(change.from, change.to);
                    transaction = transaction.update(Part::Rest, change.update);
                }
                continue;
            }
            let enrollment = Enrollment::new(
                Id::from_uuid(line.id.uuid()),
                (order.user_id, self.student.clone()),
                (line.course_id, line.instructor_id),
                Sources::of(key, source),
                now,
            );
            learner.enrolled();
            let new_guard = EnrollmentGuard {
                user_id: order.user_id,
                course_id: line.course_id,
                enrollment_id: enrollment.id,
            };
            // A guard that has lost its enrolment is replaced.
            let unchanged = guard.map_or(Condition::NotExists, |guard| {
                Condition::equals("enrollment_id", guard.enrollment_id)
            });
            transaction = transaction
                .put_when(Part::Rest, &new_guard, Some(unchanged))
                .put_new(Part::Rest, &enrollment);
            if self.courses.contains_key(&line.course_id) {
                let count = Update::of::<Course>(Course::key_of(line.course_id))
                    .add("student_count", 1)
                    .when(Condition::Exists)
                    .when(Condition::HasNot("deleted_at"));
                transaction = transaction.update(Part::Rest, count);
                *teachers.entry(line.instructor_id).or_default() += 1;
            } else {
                transaction = transaction.put(Part::Rest, &course_gone(order, line, now));
            }
        }
        for (teacher, by) in teachers {
            transaction = transaction.update(Part::Rest, count_students(teacher, by));
        }
        match learner.update(order.user_id, now) {
            Some(stats) => transaction.update(Part::Rest, stats),
            None => transaction,
        }
    }
}

/// A course was deleted while the order of its first student was open: he gets his place, and a person looks for what to do.
fn course_gone(order: &Order, line: &Line, now: Timestamp) -> SetAside {
    SetAside {
        order_id: Some(order.id),
        user_id: Some(order.user_id),
        intent_id: order.intent_id.clone(),
        ..SetAside::new(format!("course:{}", line.id), SetAsideReason::CourseGone, now)
    }
}
