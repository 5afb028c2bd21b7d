//! Courses, sections and lessons as the API shows them (seed 001 §4.3).

mod lesson;

use domain::course::{
    CourseStatus, LessonKind, Level, Price, Viewer, discount_percent, duration_hours, duration_minutes,
};
use http_kit::{Platform, openapi::BASE_PATH};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Course, Lesson, Outline, Section};

pub(crate) use lesson::{LessonView, Material};

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
    /// Average of the ratings with two decimals; 0 where there is no review.
    #[schema(example = 4.67)]
    rating: f64,
    #[schema(example = 45_280)]
    rating_count: u64,
    #[schema(example = 45_280)]
    review_count: u64,
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
    /// Whether subscribers of plans with such courses may take it without buying it.
    in_plans: bool,
    /// Whether students must complete its lessons in their order.
    required_order: bool,
    #[schema(example = "USD")]
    currency: String,
    outcomes: Vec<String>,
    requirements: Vec<String>,
    tags: Vec<String>,
    /// What one should know before.
    prerequisites: String,
    /// Grows by one with every change of the course, its sections and lessons.
    #[schema(example = 7)]
    version: u64,
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
            rating: course.ratings.average(),
            rating_count: course.ratings.count(),
            review_count: course.ratings.count(),
            student_count: course.student_count,
            section_count: course.section_order.len(),
            lesson_count: course.lesson_count,
            duration_hours: duration_hours(course.duration_seconds),
            duration_seconds: course.duration_seconds,
            level: course.level,
            price: course.price(),
            original_price: course.original_price(),
            discount_percent: discount_percent(course.price(), course.original_price()),
            in_plans: course.in_plans,
            required_order: course.required_order,
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
            prerequisites: course.prerequisites,
            version: course.revision,
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
    /// Students may not take it before this moment; null where that is no matter.
    #[schema(example = "2026-09-01T08:00:00Z")]
    opens_at: Option<Timestamp>,
    /// Nor before so many days after their enrolment.
    #[schema(example = 7)]
    opens_after_days: Option<u32>,
    /// How many files it has.
    resource_count: u32,
    #[serde(flatten)]
    video: LessonVideo,
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
    pub(crate) fn of(lesson: &Lesson, platform: &Platform) -> Self {
        let play = |id| format!("{}{BASE_PATH}/media/videos/{id}/play", platform.public_base_url());
        Self { video_id: lesson.video_id, video_url: lesson.video_id.map(play) }
    }
}

/// The address of the first lesson that everybody may watch, as far as this viewer may now.
pub(crate) fn preview(curriculum: &[SectionView]) -> Option<String> {
    let mut lessons = curriculum.iter().flat_map(|section| &section.lessons);
    lessons.find_map(|lesson| lesson.video.video_url.clone().filter(|_| lesson.is_preview))
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
        opens_at: lesson.schedule.opens_at,
        opens_after_days: lesson.schedule.opens_after_days,
        resource_count: lesson.resource_count,
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
