//! Courses, sections and lessons as the API shows them (seed 001 §4.3).

use domain::course::{
    CourseStatus, LessonKind, Level, Price, Viewer, discount_percent, duration_hours, duration_minutes,
};
use http_kit::{Platform, openapi::BASE_PATH};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Course, Lesson, Outline, Person, Section};

/// A teacher in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseTeacher {
    pub(crate) id: Id<kinds::User>,
    #[schema(example = "Angela")]
    pub(crate) first_name: Secret<String>,
    #[schema(example = "Yu")]
    pub(crate) last_name: Secret<String>,
}

impl CourseTeacher {
    /// The teacher, nameless where the account is gone.
    pub(crate) fn new(id: Id<kinds::User>, person: Option<&Person>) -> Self {
        let name = |part: fn(&Person) -> &Secret<String>| {
            person.map_or_else(|| Secret::new(String::new()), |person| part(person).clone())
        };
        Self {
            id,
            first_name: name(|person| &person.first_name),
            last_name: name(|person| &person.last_name),
        }
    }
}

/// A course in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseListItem {
    id: Id<kinds::Course>,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: String,
    short_description: String,
    instructor: CourseTeacher,
    thumbnail: String,
    student_count: u64,
    lesson_count: u32,
    #[schema(example = 52.5)]
    duration_hours: f64,
    level: Level,
    language: String,
    price: Option<Price>,
    original_price: Option<Price>,
    #[schema(example = 30)]
    discount_percent: u64,
    #[schema(example = "USD")]
    currency: String,
    #[schema(example = "Development")]
    category: String,
    /// Whether the caller is enrolled; false for visitors.
    enrolled: bool,
}

impl CourseListItem {
    pub(crate) fn new(course: Course, teacher: Option<&Person>, enrolled: bool) -> Self {
        Self {
            id: course.id,
            instructor: CourseTeacher::new(course.instructor_id, teacher),
            student_count: course.student_count,
            lesson_count: course.lesson_count,
            duration_hours: duration_hours(course.duration_seconds),
            level: course.level,
            price: course.price(),
            original_price: course.original_price(),
            discount_percent: discount_percent(course.price(), course.original_price()),
            title: course.title,
            slug: course.slug,
            short_description: course.short_description,
            thumbnail: course.thumbnail,
            language: course.language,
            currency: course.currency,
            category: course.category,
            enrolled,
        }
    }
}

/// A course without its lessons.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseView {
    id: Id<kinds::Course>,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: String,
    description: String,
    short_description: String,
    #[schema(example = "Development")]
    category: String,
    thumbnail: String,
    student_count: u64,
    section_count: usize,
    lesson_count: u32,
    #[schema(example = 52.5)]
    duration_hours: f64,
    duration_seconds: u64,
    level: Level,
    #[schema(example = "en")]
    language: String,
    /// Null until the instructor sets one.
    price: Option<Price>,
    original_price: Option<Price>,
    #[schema(example = 30)]
    discount_percent: u64,
    #[schema(example = "USD")]
    currency: String,
    outcomes: Vec<String>,
    requirements: Vec<String>,
    tags: Vec<String>,
    status: CourseStatus,
    is_published: bool,
    published_at: Option<Timestamp>,
    created_at: Timestamp,
    last_updated: Timestamp,
}

impl From<Course> for CourseView {
    fn from(course: Course) -> Self {
        Self {
            id: course.id,
            student_count: course.student_count,
            section_count: course.section_order.len(),
            lesson_count: course.lesson_count,
            duration_hours: duration_hours(course.duration_seconds),
            duration_seconds: course.duration_seconds,
            level: course.level,
            price: course.price(),
            original_price: course.original_price(),
            discount_percent: discount_percent(course.price(), course.original_price()),
            status: course.status,
            is_published: course.status == CourseStatus::Published,
            published_at: course.published_at,
            created_at: course.created_at,
            last_updated: course.updated_at,
            title: course.title,
            slug: course.slug,
            description: course.description,
            short_description: course.short_description,
            category: course.category,
            thumbnail: course.thumbnail,
            language: course.language,
            currency: course.currency,
            outcomes: course.outcomes,
            requirements: course.requirements,
            tags: course.tags,
        }
    }
}

/// A section that was made or changed.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SectionHead {
    id: Id<kinds::Section>,
    course_id: Id<kinds::Course>,
    title: String,
    description: String,
    /// Its place in the course, from 1.
    order: usize,
    total_lessons: usize,
}

impl SectionHead {
    pub(crate) fn new(section: Section, course: &Course) -> Self {
        let place = course.section_order.iter().position(|id| *id == section.id).unwrap_or_default();
        Self {
            id: section.id,
            course_id: section.course_id,
            order: place + 1,
            total_lessons: section.lesson_order.len(),
            title: section.title,
            description: section.description,
        }
    }
}

/// A section with its lessons.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SectionView {
    id: Id<kinds::Section>,
    title: String,
    description: String,
    /// Its place in the course, from 1.
    order: usize,
    total_lessons: usize,
    total_duration_minutes: u64,
    lessons: Vec<CurriculumLesson>,
}

/// A lesson of a section.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CurriculumLesson {
    id: Id<kinds::Lesson>,
    title: String,
    kind: LessonKind,
    duration_minutes: u64,
    duration_seconds: u64,
    /// Its place in the section, from 1.
    order: usize,
    is_preview: bool,
    #[serde(flatten)]
    video: LessonVideo,
}

/// A lesson with all that the caller may take of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LessonView {
    id: Id<kinds::Lesson>,
    course_id: Id<kinds::Course>,
    section_id: Id<kinds::Section>,
    title: String,
    description: String,
    kind: LessonKind,
    duration_minutes: u64,
    duration_seconds: u64,
    is_preview: bool,
    #[serde(flatten)]
    video: LessonVideo,
    /// The text of a lesson of kind text.
    content: Option<String>,
}

/// A lesson's video, for who may watch it.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(crate) struct LessonVideo {
    /// Null where there is none, or the caller may not watch it.
    video_id: Option<Id<kinds::Video>>,
    /// POST it to begin a playback session. Null where there is none, or the caller may not watch it.
    #[schema(
        example = "https://learn.example/api/v1/media/videos/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/play"
    )]
    video_url: Option<String>,
}

impl LessonVideo {
    fn of(lesson: &Lesson, platform: &Platform) -> Self {
        let play = |id| format!("{}{BASE_PATH}/media/videos/{id}/play", platform.public_base_url());
        Self { video_id: lesson.video_id, video_url: lesson.video_id.map(play) }
    }
}

impl LessonView {
    /// The whole lesson.
    pub(crate) fn new(lesson: Lesson, content: Option<String>, platform: &Platform) -> Self {
        Self {
            id: lesson.id,
            course_id: lesson.course_id,
            section_id: lesson.section_id,
            video: LessonVideo::of(&lesson, platform),
            title: lesson.title,
            description: lesson.description,
            kind: lesson.kind,
            duration_minutes: duration_minutes(lesson.duration_seconds),
            duration_seconds: lesson.duration_seconds,
            is_preview: lesson.is_preview,
            content,
        }
    }
}

/// The sections and lessons of a course as this viewer sees them.
pub(crate) fn curriculum(outline: Outline, viewer: Viewer, platform: &Platform) -> Vec<SectionView> {
    let status = outline.course.status;
    let lesson_view = |(place, lesson): (usize, Lesson)| CurriculumLesson {
        id: lesson.id,
        video: if viewer.may_take(status, lesson.is_preview) {
            LessonVideo::of(&lesson, platform)
        } else {
            LessonVideo::default()
        },
        title: lesson.title,
        kind: lesson.kind,
        duration_minutes: duration_minutes(lesson.duration_seconds),
        duration_seconds: lesson.duration_seconds,
        order: place + 1,
        is_preview: lesson.is_preview,
    };
    let section_view = |(place, (section, lessons)): (usize, (Section, Vec<Lesson>))| SectionView {
        id: section.id,
        title: section.title,
        description: section.description,
        order: place + 1,
        total_lessons: lessons.len(),
        total_duration_minutes: duration_minutes(lessons.iter().map(|lesson| lesson.duration_seconds).sum()),
        lessons: lessons.into_iter().enumerate().map(lesson_view).collect(),
    };
    outline.sections.into_iter().enumerate().map(section_view).collect()
}
