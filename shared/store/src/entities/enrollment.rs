//! A student's place in a course (seeds 000, 001 §4.7).

use domain::{course::CourseStatus, enrollment::EnrollmentStatus};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{course::Course, permission::VideoPermission, progress::VideoProgress, teaching::count_students};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update, from_item,
};

/// An enrolment. The user is part of its key: nobody reads another's by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrollment {
    /// Identifier.
    pub id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Who teaches it, where he is counted in his numbers ([`super::TeachingStats`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructor_id: Option<Id<kinds::User>>,
    /// State.
    pub status: EnrollmentStatus,
    /// The student's name as teachers see it in their lists; copied, so that a class is one query.
    pub student_name: Secret<String>,
    /// Lessons that are completed. The percentage follows from it and the course's count of lessons, so that it stays true
    /// when lessons come and go.
    #[serde(default)]
    pub lessons_completed: u32,
    /// When it ends, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<Timestamp>,
    /// When the course was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Enrolment.
    pub enrolled_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Enrollment {
    /// The key of an enrolment of this user.
    pub fn key_of(user: Id<kinds::User>, id: Id<kinds::Enrollment>) -> Key {
        Key::new(Self::partition(user), format!("ENROLLMENT#{id}"))
    }

    /// The partition that holds what a learner has: enrolments, their guards, his counts.
    fn partition(user: Id<kinds::User>) -> String {
        format!("USER#{user}")
    }

    /// The index attribute that lists a user's enrolments of one state: every write that changes the status sets it too, and
    /// the counts of [`LearnerStats`] with it.
    pub fn status_partition(user: Id<kinds::User>, status: EnrollmentStatus) -> String {
        format!("LEARNER#{user}#{status}")
    }
}

impl Entity for Enrollment {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "enrollment";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![
            IndexKey::new(1, format!("COURSE#{}", self.course_id), format!("ENROLLMENT#{}", self.id)),
            IndexKey::new(2, Self::status_partition(self.user_id, self.status), self.id.to_string()),
        ]
    }
}

/// Keeps one enrolment a user and course, and finds it by the course.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnrollmentGuard {
    /// The student.
    pub user_id: Id<kinds::User>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
}

impl EnrollmentGuard {
    /// The key of a guard.
    pub fn key_of(user: Id<kinds::User>, course: Id<kinds::Course>) -> Key {
        Key::new(Enrollment::partition(user), format!("COURSE#{course}"))
    }
}

impl Entity for EnrollmentGuard {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "enrollment_guard";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.course_id)
    }
}

/// Counts of one learner; they change in the transactions that they count.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LearnerStats {
    /// The learner.
    pub user_id: Id<kinds::User>,
    /// Enrolments of any state.
    #[serde(default)]
    pub enrollment_count: u64,
    /// Enrolments that are active.
    #[serde(default)]
    pub active_count: u64,
    /// Enrolments that are completed.
    #[serde(default)]
    pub completed_count: u64,
}

impl LearnerStats {
    /// The key of a user's counts.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(Enrollment::partition(user), "STATS")
    }
}

impl Entity for LearnerStats {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "learner_stats";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// What became of an enrolment.
#[derive(Clone, Debug)]
pub enum Enrolled {
    /// It is made, now or by an earlier attempt under the same id.
    Made(Enrollment),
    /// The user has another one.
    Already(Id<kinds::Enrollment>),
    /// The course is not published or not free any more.
    CourseChanged,
}

/// An enrolment, and what is stored of it about one video.
#[derive(Clone, Debug)]
pub struct EnrolledInVideo {
    /// The enrolment.
    pub enrollment: Enrollment,
    /// His teacher's permission, where there is one.
    pub permission: Option<VideoPermission>,
    /// How far he has watched; `None` before his first report.
    pub progress: Option<VideoProgress>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Guard,
    Course,
    Rest,
}

/// The enrolments.
pub struct Enrollments<'a>(pub(crate) &'a Store);

impl Store {
    /// The enrolments.
    pub fn enrollments(&self) -> Enrollments<'_> {
        Enrollments(self)
    }
}

impl Enrollments<'_> {
    /// Enrols a user in a free course: the enrolment, its guard, the learner's counts, the course's count of students and its teacher's in one
    /// transaction, on the condition that the course is published and free at that moment. An attempt after a crash, which
    /// comes with the same id, finds what the first one made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enroll_free(&self, enrollment: &Enrollment) -> Result<Enrolled, StoreError> {
        let Enrollment { id, user_id, course_id, enrolled_at: now, .. } = *enrollment;
        let stats = Update::upsert::<LearnerStats>(LearnerStats::key_of(user_id))
            .set("user_id", user_id)
            .add("enrollment_count", 1)
            .add("active_count", 1)
            .set_if_absent("created_at", now)
            .set("updated_at", now);
        let course = Update::of::<Course>(Course::key_of(course_id))
            .add("student_count", 1)
            .when(Condition::equals("status", CourseStatus::Published))
            .when(Condition::equals("price_minor", 0))
            .when(Condition::HasNot("deleted_at"));
        let mut transaction = self
            .0
            .transaction()
            .hot()
            .put_new(Part::Guard, &EnrollmentGuard { user_id, course_id, enrollment_id: id })
            .put_new(Part::Rest, enrollment)
            .update(Part::Rest, stats)
            .update(Part::Course, course);
        if let Some(teacher) = enrollment.instructor_id {
            transaction = transaction.update(Part::Rest, count_students(teacher, 1));
        }
        match transaction.commit().await {
            Ok(()) => Ok(Enrolled::Made(enrollment.clone())),
            Err(TransactionError::Failed { label: Part::Guard, item: Some(item) }) => {
                let guard: EnrollmentGuard = from_item(*item)?;
                match self.get(user_id, guard.enrollment_id).await? {
                    Some(earlier) if earlier.id == id => Ok(Enrolled::Made(earlier)),
                    _ => Ok(Enrolled::Already(guard.enrollment_id)),
                }
            }
            Err(TransactionError::Failed { label: Part::Course, .. }) => Ok(Enrolled::CourseChanged),
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// An enrolment of this user: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Enrollment>,
    ) -> Result<Option<Enrollment>, StoreError> {
        self.0.get(Enrollment::key_of(user, id), Consistency::Strong).await
    }

    /// An enrolment of this user with its permission for a video and its progress in it: one batch. Whether the video is one of the
    /// enrolment's course is for the caller to compare.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_video(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> Result<Option<EnrolledInVideo>, StoreError> {
        let batch = self.0.batch().with::<Enrollment>(Enrollment::key_of(user, id));
        let batch = batch.with::<VideoPermission>(VideoPermission::key_of(video, id));
        let found = batch.with::<VideoProgress>(VideoProgress::key_of(video, id)).read().await?;
        let (permission, progress) = (found.one()?, found.one()?);
        Ok(found.one()?.map(|enrollment| EnrolledInVideo { enrollment, permission, progress }))
    }

    /// The user's enrolment in a course: two reads, one where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_course(
        &self,
        user: Id<kinds::User>,
        course: Id<kinds::Course>,
    ) -> Result<Option<Enrollment>, StoreError> {
        let guard: Option<EnrollmentGuard> =
            self.0.get(EnrollmentGuard::key_of(user, course), Consistency::Strong).await?;
        match guard {
            Some(guard) => self.get(user, guard.enrollment_id).await,
            None => Ok(None),
        }
    }

    /// The user's enrolments, the newest first: one query of his partition, strongly consistent; with a status one of index 2,
    /// which may be some milliseconds behind. Reads what it skips.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(
        &self,
        user: Id<kinds::User>,
        status: Option<EnrollmentStatus>,
        start: Option<Position>,
        skip: u32,
        limit: u32,
    ) -> Result<QueryPage<Enrollment>, StoreError> {
        let query = match status {
            None => Query::partition(Enrollment::partition(user)).prefix("ENROLLMENT#"),
            Some(status) => Query::index(2, Enrollment::status_partition(user, status)),
        };
        self.0.window(query.backward().after(start), skip, limit).await
    }
}
