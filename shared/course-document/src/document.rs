//! A whole course as one JSON document: what an export gives, an import takes back. Films and files are in it as references, with
//! links that work for an hour; an import takes over what is the caller's on this platform. In an archive the files lie beside it.

use domain::{
    course::{LessonKind, SECTIONS_MAX, TEXT_MAX, quiz::Quiz, resource::RESOURCES_MAX},
    learning::opening::OPENS_AFTER_DAYS_MAX,
};
use garde::Validate;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Lesson, Outline, Resource, Section, section::Materials};

use crate::{CreateCourse, DURATION_MAX, fields::not_blank};

/// The form of today.
const FORMAT: u32 = 1;

/// A course with its sections and lessons.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CourseDocument {
    /// The document's form; there is one so far.
    #[garde(range(min = FORMAT, max = FORMAT))]
    #[schema(example = 1)]
    format: u32,
    /// What the course says of itself.
    #[garde(dive)]
    pub course: CreateCourse,
    /// Its sections in their order.
    #[serde(default)]
    #[garde(length(max = SECTIONS_MAX), dive)]
    pub(crate) sections: Vec<DocumentSection>,
}

/// A section with its lessons.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentSection {
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "Introduction to Web Development")]
    pub(crate) title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    pub(crate) description: String,
    /// Its lessons in their order.
    #[serde(default)]
    #[garde(dive)]
    pub(crate) lessons: Vec<DocumentLesson>,
}

/// A lesson.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentLesson {
    #[garde(skip)]
    pub(crate) kind: LessonKind,
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "What is Web Development?")]
    pub(crate) title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    pub(crate) description: String,
    /// The text of a lesson of kind text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = TEXT_MAX), inner(custom(not_blank)))]
    pub(crate) content: Option<String>,
    /// The questions of a lesson of kind quiz, with what is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub(crate) quiz: Option<Quiz>,
    /// The video of a lesson of kind video. An import shows it where it is one of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub video: Option<VideoReference>,
    /// Its files. An import of the document takes over those that a lesson of a course of the caller has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = RESOURCES_MAX))]
    pub files: Vec<FileReference>,
    /// How long it takes, in seconds; not of a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(max = DURATION_MAX))]
    pub(crate) duration_seconds: Option<u64>,
    #[serde(default)]
    #[garde(skip)]
    pub(crate) is_preview: bool,
    /// Students may not take it before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(example = "2026-09-01T08:00:00Z")]
    pub(crate) opens_at: Option<Timestamp>,
    /// Nor before so many days after their enrolment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(max = OPENS_AFTER_DAYS_MAX))]
    #[schema(example = 7)]
    pub(crate) opens_after_days: Option<u32>,
}

/// Where a lesson's video is.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VideoReference {
    /// The video.
    pub id: Id<kinds::Video>,
    /// Its source file, for an hour; null where it is not kept any more.
    #[serde(default)]
    pub url: Option<String>,
}

/// Where a lesson's file is. An import of the document takes it over as it is there, whatever else is said of it here; an import of an
/// archive takes the words from here.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileReference {
    /// The file; in an archive its entry is `files/` and this.
    pub id: Id<kinds::Resource>,
    /// The lesson that has it.
    #[serde(default)]
    pub lesson_id: Option<Id<kinds::Lesson>>,
    /// What students read.
    #[schema(example = "Slides of the first week")]
    pub title: String,
    /// The name under which it is saved.
    #[schema(example = "slides-1.pdf")]
    pub file_name: String,
    /// Content type.
    #[schema(example = "application/pdf")]
    pub content_type: String,
    /// Bytes.
    #[schema(example = 248_113)]
    pub size: u64,
    /// The file, for an hour.
    #[serde(default)]
    pub url: Option<String>,
}

impl FileReference {
    fn of(lesson: Id<kinds::Lesson>, file: Resource) -> Self {
        Self {
            id: file.id,
            lesson_id: Some(lesson),
            title: file.title,
            file_name: file.file_name,
            content_type: file.content_type,
            size: file.size,
            url: None,
        }
    }
}

impl CourseDocument {
    /// The document of a course; its links are still to be made.
    pub fn of(outline: Outline, mut materials: Materials) -> Self {
        let lesson = |lesson: Lesson, materials: &mut Materials| DocumentLesson {
            content: materials.texts.remove(&lesson.id),
            quiz: materials.quizzes.remove(&lesson.id),
            video: lesson.video_id.map(|id| VideoReference { id, url: None }),
            files: materials
                .files
                .remove(&lesson.id)
                .unwrap_or_default()
                .into_iter()
                .map(|file| FileReference::of(lesson.id, file))
                .collect(),
            duration_seconds: (lesson.kind != LessonKind::Video).then_some(lesson.duration_seconds),
            kind: lesson.kind,
            title: lesson.title,
            description: lesson.description,
            is_preview: lesson.is_preview,
            opens_at: lesson.schedule.opens_at,
            opens_after_days: lesson.schedule.opens_after_days,
        };
        let section = |(section, lessons): (Section, Vec<Lesson>)| DocumentSection {
            title: section.title,
            description: section.description,
            lessons: lessons.into_iter().map(|one| lesson(one, &mut materials)).collect(),
        };
        Self {
            format: FORMAT,
            course: outline.course.into(),
            sections: outline.sections.into_iter().map(section).collect(),
        }
    }

    /// Its lessons.
    pub fn lessons_mut(&mut self) -> impl Iterator<Item = &mut DocumentLesson> {
        self.sections.iter_mut().flat_map(|section| &mut section.lessons)
    }

    /// Its lessons, to be read.
    pub fn lessons(&self) -> impl Iterator<Item = &DocumentLesson> {
        self.sections.iter().flat_map(|section| &section.lessons)
    }
}
