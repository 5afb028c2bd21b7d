//! A student's place in a course (seeds 000, 001 §4.7).

mod access_change;
mod admin;
mod enroll;

use std::collections::HashSet;

use domain::{
    certificate::CertificateCode,
    commerce::{Sources, entitlement},
    enrollment::{EnrollmentStatus, gives_access},
};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub(crate) use access_change::LearnerChange;
pub use enroll::Enrolled;

use super::{activity::Learner, permission::VideoPermission, progress::VideoProgress, video::Video};
use crate::{
    Batch, Consistency, Entity, Found, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
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
    /// Why he may take the course. Enrolments of the time before there were prices have none: [`Self::sources`] tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Sources>,
    /// Grows by one with every change of the sources, and of the state by them; conditions compare it.
    #[serde(default)]
    pub access_revision: u64,
    /// Identifier of the attempt by which the student let it begin again after it had ended: such an attempt that comes again finds it by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_again_by: Option<Id<kinds::Enrollment>>,
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
    /// The number of his certificate, from the moment at which it is being made; [`Self::certificate`] tells when it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_code: Option<CertificateCode>,
    /// When the certificate was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified_at: Option<Timestamp>,
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

    /// A new enrolment that this gives the right to.
    pub fn new(
        id: Id<kinds::Enrollment>,
        (user_id, student_name): (Id<kinds::User>, Secret<String>),
        (course_id, instructor_id): (Id<kinds::Course>, Id<kinds::User>),
        sources: Sources,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            user_id,
            course_id,
            instructor_id: Some(instructor_id),
            status: EnrollmentStatus::Active,
            sources: Some(sources),
            access_revision: 0,
            begun_again_by: None,
            student_name,
            lessons_completed: 0,
            expiry_date: None,
            completed_at: None,
            certificate_code: None,
            certified_at: None,
            enrolled_at: now,
            updated_at: now,
        }
    }

    /// Why he may take the course.
    pub fn sources(&self) -> Sources {
        self.sources.clone().unwrap_or_else(Sources::free)
    }

    /// The number of his certificate, once it is there.
    pub fn certificate(&self) -> Option<CertificateCode> {
        self.certificate_code.filter(|_| self.certified_at.is_some())
    }

    /// Whether this attempt made it, or let it begin again.
    fn is_from(&self, attempt: Id<kinds::Enrollment>) -> bool {
        self.id == attempt || self.begun_again_by == Some(attempt)
    }

    /// Whether the student need not buy the course.
    pub fn is_owned(&self) -> bool {
        entitlement::is_owned(self.status, self.expiry_date, &self.sources())
    }

    /// The partition that holds what a learner has: enrolments, their guards, his counts, the days on which he learnt.
    pub(crate) fn partition(user: Id<kinds::User>) -> String {
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
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
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

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("ENROLLMENT#{}", self.enrollment_id), GUARD)]
    }
}

/// The place in index 1 at which a guard finds the student of an enrolment.
const GUARD: &str = "GUARD";

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
    /// Enrolments that an admin has suspended.
    #[serde(default)]
    pub suspended_count: u64,
    /// Certificates that were issued and not taken back.
    #[serde(default)]
    pub certificates_earned: u64,
}

impl LearnerStats {
    /// The key of a user's counts.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(Enrollment::partition(user), "STATS")
    }

    /// Enrolments of this state, or of all.
    pub fn count_of(&self, status: Option<EnrollmentStatus>) -> u64 {
        match status {
            None => self.enrollment_count,
            Some(EnrollmentStatus::Active) => self.active_count,
            Some(EnrollmentStatus::Completed) => self.completed_count,
            Some(EnrollmentStatus::Suspended) => self.suspended_count,
            // All others.
            Some(EnrollmentStatus::Expired) => {
                let others = self.active_count + self.completed_count + self.suspended_count;
                self.enrollment_count.saturating_sub(others)
            }
        }
    }
}

impl Entity for LearnerStats {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "learner_stats";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
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

/// The rows about one video that a batch has found.
fn in_video(found: &Found) -> Result<(Option<Video>, Option<EnrolledInVideo>), StoreError> {
    let (permission, progress) = (found.one()?, found.one()?);
    let enrolled = found.one()?.map(|enrollment| EnrolledInVideo { enrollment, permission, progress });
    Ok((found.one::<Video>()?.filter(|video| video.deleted_at.is_none()), enrolled))
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
    /// Whether an enrolment gives access now: by its state and its end, and where nothing but a plan gives the right to it, by the plan that
    /// the student has at this moment. No read, or that of [`super::commerce::subscription::Subscriptions::covers_courses`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn gives_access(&self, enrollment: &Enrollment, now: Timestamp) -> Result<bool, StoreError> {
        if !gives_access(enrollment.status, enrollment.expiry_date, now) {
            return Ok(false);
        }
        if !enrollment.sources().is_plan_alone() {
            return Ok(true);
        }
        self.0.subscriptions().covers_courses(enrollment.user_id, now).await
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

    /// The enrolments that these guards name: one batch for each hundred, none for none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_guards(&self, guards: &[EnrollmentGuard]) -> Result<Vec<Enrollment>, StoreError> {
        let keys = guards.iter().map(|guard| Enrollment::key_of(guard.user_id, guard.enrollment_id));
        self.0.batch().with_all::<Enrollment>(keys).read().await?.all()
    }

    /// The courses that these guards' students may take now. As [`Self::of_guards`]; and for each student who has some of them by a plan alone,
    /// [`super::commerce::subscription::Subscriptions::covers_courses`] once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_courses(
        &self,
        guards: &[EnrollmentGuard],
        now: Timestamp,
    ) -> Result<HashSet<Id<kinds::Course>>, StoreError> {
        let mut open = self.of_guards(guards).await?;
        open.retain(|enrollment| gives_access(enrollment.status, enrollment.expiry_date, now));
        let (by_plan, owned): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|enrollment| enrollment.sources().is_plan_alone());
        let mut courses: HashSet<_> = owned.into_iter().map(|enrollment| enrollment.course_id).collect();
        let students: HashSet<_> = by_plan.iter().map(|enrollment| enrollment.user_id).collect();
        for student in students {
            if self.0.subscriptions().covers_courses(student, now).await? {
                let his = by_plan.iter().filter(|enrollment| enrollment.user_id == student);
                courses.extend(his.map(|enrollment| enrollment.course_id));
            }
        }
        Ok(courses)
    }

    /// A video, unless it is deleted, and an enrolment of this user with its permission for it and its progress in it: one batch. Whether the
    /// video is one of the enrolment's course is for the caller to compare.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_video(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> Result<(Option<Video>, Option<EnrolledInVideo>), StoreError> {
        in_video(&self.video_batch(user, id, video).read().await?)
    }

    /// The same with what decides on which day he learns ([`Learner`]): one batch over three tables.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_video_and_learner(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> Result<((Option<Video>, Option<EnrolledInVideo>), Learner), StoreError> {
        let found = self.video_batch(user, id, video).with_learner(user).read().await?;
        Ok((in_video(&found)?, found.learner(user)?))
    }

    fn video_batch(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> Batch<'_> {
        let batch = self.0.batch().with::<Enrollment>(Enrollment::key_of(user, id));
        let batch = batch.with::<Video>(Video::key_of(video));
        let batch = batch.with::<VideoPermission>(VideoPermission::key_of(video, id));
        batch.with::<VideoProgress>(VideoProgress::key_of(video, id))
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
