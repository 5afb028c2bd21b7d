//! How a student comes to an enrolment without a payment.

use domain::{
    commerce::{Source, SourceKey},
    course::CourseStatus,
    enrollment::EnrollmentStatus,
};
use kernel::{Id, Timestamp, id::kinds};

use super::{Enrollment, EnrollmentGuard, Enrollments, access_change::LearnerChange};
use crate::{
    Condition, StoreError, Table, TransactionError, Update,
    entities::{Course, teaching::count_students},
    from_item,
};

/// What became of an enrolment.
#[derive(Clone, Debug)]
pub enum Enrolled {
    /// It is made, or has begun again, now or by an earlier attempt under the same id.
    Made(Box<Enrollment>),
    /// The user has another one.
    Already(Id<kinds::Enrollment>),
    /// The course is not published or not free any more.
    CourseChanged,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Guard,
    Course,
    Rest,
}

/// What lets a student into a course without a payment.
#[derive(Clone, Copy, Debug)]
enum Opening {
    /// The course costs nothing.
    Free,
    /// The student has a plan, and the course is part of plans.
    Plan,
}

impl Opening {
    /// What must hold of the course at that moment.
    fn of_course(self) -> Condition {
        let open = match self {
            Self::Free => Condition::equals("price_minor", 0),
            Self::Plan => Condition::equals("in_plans", true),
        };
        Condition::equals("status", CourseStatus::Published).and(open).and(Condition::HasNot("deleted_at"))
    }

    fn source(self) -> SourceKey {
        match self {
            Self::Free => SourceKey::Free,
            Self::Plan => SourceKey::Plan,
        }
    }
}

impl Enrollments<'_> {
    /// Enrols a user in a free course: the enrolment, its guard, the learner's counts, the course's count of students and its teacher's in one
    /// transaction, on the condition that the course is published and free at that moment. An attempt after a crash, which
    /// comes with the same id, finds what the first one made. Where an enrolment has ended, by a refund or with a plan, it begins again with
    /// what was learnt in it: three calls more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enroll_free(&self, enrollment: &Enrollment) -> Result<Enrolled, StoreError> {
        self.enroll(enrollment, Opening::Free).await
    }

    /// Enrols a user whose plan covers the course: as [`Self::enroll_free`], on the condition that the course is published and part of plans
    /// at that moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enroll_by_plan(&self, enrollment: &Enrollment) -> Result<Enrolled, StoreError> {
        self.enroll(enrollment, Opening::Plan).await
    }

    async fn enroll(&self, enrollment: &Enrollment, opening: Opening) -> Result<Enrolled, StoreError> {
        let Enrollment { id, user_id, course_id, enrolled_at: now, .. } = *enrollment;
        let mut counts = LearnerChange::default();
        counts.enrolled();
        let course =
            Update::of::<Course>(Course::key_of(course_id)).add("student_count", 1).when(opening.of_course());
        let mut transaction = self
            .0
            .transaction()
            .hot()
            .put_new(Part::Guard, &EnrollmentGuard { user_id, course_id, enrollment_id: id })
            .put_new(Part::Rest, enrollment)
            .update(Part::Course, course);
        if let Some(stats) = counts.update(user_id, now) {
            transaction = transaction.update(Part::Rest, stats);
        }
        if let Some(teacher) = enrollment.instructor_id {
            transaction = transaction.update(Part::Rest, count_students(teacher, 1));
        }
        match transaction.commit().await {
            Ok(()) => Ok(Enrolled::Made(Box::new(enrollment.clone()))),
            Err(TransactionError::Failed { label: Part::Guard, item: Some(item) }) => {
                let guard: EnrollmentGuard = from_item(*item)?;
                match self.get(user_id, guard.enrollment_id).await? {
                    Some(earlier) if earlier.is_from(id) => Ok(Enrolled::Made(Box::new(earlier))),
                    Some(ended) if ended.status == EnrollmentStatus::Expired => {
                        self.enroll_again(&ended, id, opening, now).await
                    }
                    _ => Ok(Enrolled::Already(guard.enrollment_id)),
                }
            }
            Err(TransactionError::Failed { label: Part::Course, .. }) => Ok(Enrolled::CourseChanged),
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Lets an enrolment begin again that has ended, on the condition that the course is open still, and notes by which attempt. He is counted
    /// as a student still.
    async fn enroll_again(
        &self,
        ended: &Enrollment,
        attempt: Id<kinds::Enrollment>,
        opening: Opening,
        now: Timestamp,
    ) -> Result<Enrolled, StoreError> {
        let source = Source { granted_at: now, item_id: None };
        let Some(change) = ended.grant(opening.source(), source, now) else {
            return Ok(Enrolled::Already(ended.id));
        };
        let mut counts = LearnerChange::default();
        counts.moved(change.from, change.to);
        let update = change.update.set("begun_again_by", attempt);
        let mut transaction = self.0.transaction().update(Part::Guard, update).check(
            Part::Course,
            Table::Catalog,
            Course::key_of(ended.course_id),
            opening.of_course(),
        );
        if let Some(stats) = counts.update(ended.user_id, now) {
            transaction = transaction.update(Part::Rest, stats);
        }
        match transaction.commit().await {
            // Where it was changed meanwhile, that may have been an earlier run of this attempt.
            Ok(()) | Err(TransactionError::Failed { label: Part::Guard, .. }) => {
                let now_there = self.get(ended.user_id, ended.id).await?;
                Ok(match now_there {
                    Some(made) if made.is_from(attempt) => Enrolled::Made(Box::new(made)),
                    _ => Enrolled::Already(ended.id),
                })
            }
            Err(TransactionError::Failed { label: Part::Course, .. }) => Ok(Enrolled::CourseChanged),
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}
