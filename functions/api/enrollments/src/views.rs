//! Enrolments as the API shows them (seed 001 §4.7).

use domain::{
    certificate::CertificateCode,
    course::{LessonKind, duration_hours, duration_minutes, progress_percent},
    enrollment::EnrollmentStatus,
    learning::{Lock, LockReason},
};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Course, Enrollment, Lesson, LessonProgress, Person, VideoProgress};

use crate::lesson::OwnLesson;

/// An enrolment without its course.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrollmentState {
    id: Id<kinds::Enrollment>,
    status: EnrollmentStatus,
    /// 0 to 100.
    progress_percent: u32,
    lessons_completed: u32,
    total_lessons: u32,
    enrolled_at: Timestamp,
    is_completed: bool,
    completed_at: Option<Timestamp>,
    /// When access ends, where it does.
    expiry_date: Option<Timestamp>,
    /// The number of the certificate; null until there is one.
    #[schema(example = json!(null))]
    certificate_code: Option<CertificateCode>,
    /// The page on which everybody can check the certificate; null until there is one. `GET /enrollments/{id}/certificate` is its PDF.
    #[schema(example = json!(null))]
    certificate_url: Option<String>,
}

impl EnrollmentState {
    /// The state of an enrolment in a course of so many lessons; the addresses of its pages begin with `base_url`.
    pub(crate) fn new(
        enrollment: &Enrollment,
        (lessons_completed, total_lessons): (u32, u32),
        base_url: &str,
    ) -> Self {
        let certificate = enrollment.certificate();
        Self {
            id: enrollment.id,
            status: enrollment.status,
            progress_percent: progress_percent(lessons_completed, total_lessons),
            lessons_completed,
            total_lessons,
            enrolled_at: enrollment.enrolled_at,
            is_completed: enrollment.status == EnrollmentStatus::Completed,
            completed_at: enrollment.completed_at,
            expiry_date: enrollment.expiry_date,
            certificate_code: certificate,
            certificate_url: certificate.map(|code| format!("{base_url}{}", code.path())),
        }
    }
}

/// A course that the caller is enrolled in.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrolledCourse {
    id: Id<kinds::Course>,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: String,
    thumbnail: String,
    #[schema(example = 52.5)]
    duration_hours: f64,
}

impl EnrolledCourse {
    pub(crate) fn new(course: &Course) -> Self {
        Self {
            id: course.id,
            title: course.title.clone(),
            slug: course.slug.clone(),
            thumbnail: course.thumbnail.clone(),
            duration_hours: duration_hours(course.duration_seconds),
        }
    }
}

/// The teacher of a course that the caller is enrolled in.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrollmentTeacher {
    id: Id<kinds::User>,
    #[schema(example = "Angela")]
    first_name: Secret<String>,
    #[schema(example = "Yu")]
    last_name: Secret<String>,
}

impl From<Person> for EnrollmentTeacher {
    fn from(person: Person) -> Self {
        Self { id: person.id, first_name: person.first_name, last_name: person.last_name }
    }
}

/// A section with the caller's state in its lessons.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrolledSection {
    pub(crate) id: Id<kinds::Section>,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) lessons: Vec<EnrolledLesson>,
}

/// A lesson with the caller's state in it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EnrolledLesson {
    pub(crate) id: Id<kinds::Lesson>,
    pub(crate) title: String,
    pub(crate) kind: LessonKind,
    pub(crate) duration_minutes: u64,
    pub(crate) video_id: Option<Id<kinds::Video>>,
    pub(crate) completed: bool,
    pub(crate) completed_at: Option<Timestamp>,
    /// Seconds of the video that were watched, each counted once; of other kinds the time that was spent with the lesson.
    pub(crate) watch_time_seconds: u64,
    /// Where to resume, in seconds.
    pub(crate) last_position: u64,
    /// Whether the caller may not take it yet.
    pub(crate) locked: bool,
    /// Why; null where it is open.
    pub(crate) reason: Option<LockReason>,
    /// When its time comes, where that is why.
    #[schema(example = "2026-09-01T08:00:00Z")]
    pub(crate) opens_at: Option<Timestamp>,
}

impl EnrolledLesson {
    /// A lesson with what is known of the caller's progress in it and in its video.
    pub(crate) fn new(
        lesson: Lesson,
        progress: Option<&LessonProgress>,
        watched: Option<&VideoProgress>,
        lock: Option<Lock>,
    ) -> Self {
        let spent = progress.map_or(0, |progress| progress.time_spent_seconds);
        Self {
            completed: is_completed(progress, watched),
            completed_at: progress.and_then(|progress| progress.completed_at),
            watch_time_seconds: watched
                .map_or(spent, |watched| watched_seconds(watched.progress, lesson.duration_seconds)),
            last_position: watched.map_or(0, |watched| watched.last_position),
            locked: lock.is_some(),
            reason: lock.map(|lock| lock.reason),
            opens_at: lock.and_then(|lock| lock.opens_at),
            id: lesson.id,
            title: lesson.title,
            kind: lesson.kind,
            duration_minutes: duration_minutes(lesson.duration_seconds),
            video_id: lesson.video_id,
        }
    }
}

/// Whether a lesson is completed: by itself, or by a video that was completed when lessons were not kept by themselves.
pub(crate) fn is_completed(progress: Option<&LessonProgress>, watched: Option<&VideoProgress>) -> bool {
    progress.is_some_and(LessonProgress::is_completed) || watched.is_some_and(VideoProgress::is_counted)
}

/// Seconds of a video that were watched, each counted once.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of 0 to 1 of a duration far below 2^52 seconds"
)]
fn watched_seconds(part: f64, duration_seconds: u64) -> u64 {
    (part.clamp(0.0, 1.0) * duration_seconds as f64).round() as u64
}

/// How far the caller is with a lesson (seeds 000 and 001, LessonProgress).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LessonProgressView {
    lesson_id: Id<kinds::Lesson>,
    enrollment_id: Id<kinds::Enrollment>,
    is_completed: bool,
    completed_at: Option<Timestamp>,
    /// When it was opened first.
    opened_at: Option<Timestamp>,
    /// Seconds of the video that were watched, each counted once; of other kinds the time that was spent with the lesson.
    #[schema(example = 180)]
    watch_time_seconds: u64,
    /// 0 to 100: how much of the video was watched, or of the least time of a text or files was spent; a quiz has 0 or 100.
    #[schema(example = 42)]
    completion_percentage: u32,
}

impl LessonProgressView {
    pub(crate) fn of(own: &OwnLesson) -> Self {
        let progress = own.progress.as_ref();
        let (spent, least) = progress.map_or((0, 0), |one| (one.time_spent_seconds, one.least_seconds));
        let watched = own.watched.as_ref().map_or(0.0, |watched| watched.progress);
        let is_completed = own.is_completed();
        let part = match own.lesson.kind {
            _ if is_completed => 100,
            LessonKind::Video => watched_seconds(watched, 100),
            LessonKind::Quiz => 0,
            LessonKind::Text | LessonKind::File => (spent * 100).checked_div(least).unwrap_or(0),
        };
        Self {
            lesson_id: own.lesson.id,
            enrollment_id: own.enrollment.id,
            is_completed,
            completed_at: progress.and_then(|progress| progress.completed_at),
            opened_at: progress.and_then(|progress| progress.opened_at),
            watch_time_seconds: match own.lesson.kind {
                LessonKind::Video => watched_seconds(watched, own.lesson.duration_seconds),
                _ => spent,
            },
            completion_percentage: u32::try_from(part.min(100)).unwrap_or(100),
        }
    }
}
