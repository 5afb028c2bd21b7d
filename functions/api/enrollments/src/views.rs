//! Enrolments as the API shows them (seed 001 §4.7).

use domain::{
    course::{LessonKind, duration_hours, duration_minutes, progress_percent},
    enrollment::EnrollmentStatus,
};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Course, Enrollment, Person};

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
}

impl EnrollmentState {
    /// The state of an enrolment in a course of so many lessons.
    pub(crate) fn new(enrollment: &Enrollment, lessons_completed: u32, total_lessons: u32) -> Self {
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
    /// Seconds of the video that were watched, each counted once.
    pub(crate) watch_time_seconds: u64,
    /// Where to resume, in seconds.
    pub(crate) last_position: u64,
}

impl EnrolledLesson {
    /// A lesson of which nothing was taken yet.
    pub(crate) fn untouched(lesson: store::entities::Lesson) -> Self {
        Self {
            id: lesson.id,
            title: lesson.title,
            kind: lesson.kind,
            duration_minutes: duration_minutes(lesson.duration_seconds),
            video_id: lesson.video_id,
            completed: false,
            watch_time_seconds: 0,
            last_position: 0,
        }
    }
}
