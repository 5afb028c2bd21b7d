//! Attendance of students in the sections of their course (seed 002, Attendance), as far as their teacher has set it by hand.

use std::collections::HashMap;

use domain::attendance::AttendanceStatus;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{class::Span, enrollment::Enrollment};
use crate::{Condition, Entity, IndexKey, Key, Store, StoreError, Table, TransactionError, from_item};

/// Students in one transaction: for each, one action and the check of his enrolment, of the 100 that DynamoDB takes.
const STUDENTS_OF_TRANSACTION: usize = 50;

/// What a teacher has set for one student and section.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attendance {
    /// The section.
    pub section_id: Id<kinds::Section>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// Whether he was there.
    pub status: AttendanceStatus,
    /// When it was set.
    pub marked_at: Timestamp,
}

impl Attendance {
    /// The key of a student's in a section.
    pub fn key_of(section: Id<kinds::Section>, enrollment: Id<kinds::Enrollment>) -> Key {
        Key::new(format!("SECTION#{section}"), format!("ATTENDANCE#{enrollment}"))
    }
}

impl Entity for Attendance {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "attendance";

    fn key(&self) -> Key {
        Self::key_of(self.section_id, self.enrollment_id)
    }

    /// Index 1 finds the attendance of an enrolment when its student is erased.
    fn index_keys(&self) -> Vec<IndexKey> {
        let Self { section_id, enrollment_id, .. } = self;
        vec![IndexKey::new(1, format!("ENROLLMENT#{enrollment_id}"), format!("ATTENDANCE#{section_id}"))]
    }
}

/// What a teacher says of one student; without a status what he said before is taken back.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// The student.
    pub student: &'a Enrollment,
    /// Whether he was there.
    pub status: Option<AttendanceStatus>,
}

/// The attendance.
pub struct Attendances<'a>(&'a Store);

impl Store {
    /// The attendance.
    pub fn attendances(&self) -> Attendances<'_> {
        Attendances(self)
    }
}

impl Attendances<'_> {
    /// What was set by hand in a section for the students of a stretch of its class: one query of the section's partition, 1 MB a call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_section(
        &self,
        section: Id<kinds::Section>,
        students: Span,
    ) -> Result<HashMap<Id<kinds::Enrollment>, Attendance>, StoreError> {
        let query = students.of(|enrollment| Attendance::key_of(section, enrollment));
        let items = self.0.query_all(Attendance::TABLE, query).await?;
        let found = items.into_iter().map(|item| {
            let one: Attendance = from_item(item)?;
            Ok((one.enrollment_id, one))
        });
        found.collect()
    }

    /// Sets or takes back the attendance of students in a section, 50 in one transaction, on the condition that their enrolments exist:
    /// nothing is kept of somebody who is erased meanwhile. Saying it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::ConditionFailed`] when an enrolment is gone. What came in the transactions before is set by then.
    pub async fn mark(
        &self,
        (course_id, section_id): (Id<kinds::Course>, Id<kinds::Section>),
        marks: &[Mark<'_>],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for chunk in marks.chunks(STUDENTS_OF_TRANSACTION) {
            let mut transaction = self.0.transaction();
            for Mark { student, status } in chunk {
                transaction = match *status {
                    Some(status) => {
                        let attendance = Attendance {
                            section_id,
                            course_id,
                            enrollment_id: student.id,
                            user_id: student.user_id,
                            status,
                            marked_at: now,
                        };
                        transaction.put("attendance", &attendance).check(
                            "enrollment",
                            Enrollment::TABLE,
                            student.key(),
                            Condition::Exists,
                        )
                    }
                    None => {
                        let key = Attendance::key_of(section_id, student.id);
                        transaction.delete("attendance", Attendance::TABLE, key, None)
                    }
                };
            }
            transaction.commit().await.map_err(TransactionError::into_store)?;
        }
        Ok(())
    }
}
