//! A whole course as one JSON document: what an export gives, an import takes back. Films and files are in it as references, with
//! links that work for an hour; an import takes over what is the caller's on this platform.

use domain::course::{LessonKind, Price, SECTIONS_MAX, TEXT_MAX, quiz::Quiz, resource::RESOURCES_MAX};
use garde::Validate;
use http_kit::{ApiError, ApiResult};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    Course, Lesson, Outline, Resource, Section,
    section::{Materials, NewLesson, NewSection},
};

use crate::{
    carry::WantedFile,
    fields::not_blank,
    routes::{
        create_course::CreateCourse,
        create_lesson::{CreateLesson, DURATION_MAX},
    },
};

/// The form of today.
const FORMAT: u32 = 1;
/// How far the numbers are apart from which two lessons' files get their identifiers: more than a lesson has files.
const FILES_APART: u32 = 32;
const _: () = assert!(RESOURCES_MAX <= FILES_APART as usize);

/// A course with its sections and lessons.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CourseDocument {
    /// The document's form; there is one so far.
    #[garde(range(min = FORMAT, max = FORMAT))]
    #[schema(example = 1)]
    format: u32,
    /// What the course says of itself.
    #[garde(dive)]
    pub(crate) course: CreateCourse,
    /// Its sections in their order.
    #[serde(default)]
    #[garde(length(max = SECTIONS_MAX), dive)]
    sections: Vec<DocumentSection>,
}

/// A section with its lessons.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentSection {
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "Introduction to Web Development")]
    title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    description: String,
    /// Its lessons in their order.
    #[serde(default)]
    #[garde(dive)]
    lessons: Vec<DocumentLesson>,
}

/// A lesson.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentLesson {
    #[garde(skip)]
    kind: LessonKind,
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "What is Web Development?")]
    title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    description: String,
    /// The text of a lesson of kind text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = TEXT_MAX), inner(custom(not_blank)))]
    content: Option<String>,
    /// The questions of a lesson of kind quiz, with what is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    quiz: Option<Quiz>,
    /// The video of a lesson of kind video. An import shows it where it is one of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub(crate) video: Option<VideoReference>,
    /// Its files. An import takes over those that a lesson of a course of the caller has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = RESOURCES_MAX))]
    pub(crate) files: Vec<FileReference>,
    /// How long it takes, in seconds; not of a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(max = DURATION_MAX))]
    duration_seconds: Option<u64>,
    #[serde(default)]
    #[garde(skip)]
    is_preview: bool,
}

/// Where a lesson's video is.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VideoReference {
    pub(crate) id: Id<kinds::Video>,
    /// Its source file, for an hour; null where it is not kept any more.
    #[serde(default)]
    pub(crate) url: Option<String>,
}

/// Where a lesson's file is. An import takes it over as it is there, whatever else is said of it here.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileReference {
    pub(crate) id: Id<kinds::Resource>,
    /// The lesson that has it.
    #[serde(default)]
    pub(crate) lesson_id: Option<Id<kinds::Lesson>>,
    #[schema(example = "Slides of the first week")]
    pub(crate) title: String,
    #[schema(example = "slides-1.pdf")]
    pub(crate) file_name: String,
    #[schema(example = "application/pdf")]
    pub(crate) content_type: String,
    #[schema(example = 248_113)]
    pub(crate) size: u64,
    /// The file, for an hour.
    #[serde(default)]
    pub(crate) url: Option<String>,
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
    pub(crate) fn of(outline: Outline, mut materials: Materials) -> Self {
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
        };
        let section = |(section, lessons): (Section, Vec<Lesson>)| DocumentSection {
            title: section.title,
            description: section.description,
            lessons: lessons.into_iter().map(|one| lesson(one, &mut materials)).collect(),
        };
        Self {
            format: FORMAT,
            course: description(outline.course),
            sections: outline.sections.into_iter().map(section).collect(),
        }
    }

    /// Its lessons.
    pub(crate) fn lessons_mut(&mut self) -> impl Iterator<Item = &mut DocumentLesson> {
        self.sections.iter_mut().flat_map(|section| &mut section.lessons)
    }

    /// Its lessons, to be read.
    pub(crate) fn lessons(&self) -> impl Iterator<Item = &DocumentLesson> {
        self.sections.iter().flat_map(|section| &section.lessons)
    }

    /// What is to be made of it for a request, by the rules for single lessons, and the files that its lessons had. Another attempt at the
    /// request gives the same identifiers.
    ///
    /// # Errors
    /// 422 naming the first lesson that has what belongs to another kind.
    pub(crate) fn into_parts(
        self,
        request: Id<kinds::Event>,
    ) -> ApiResult<(CreateCourse, Vec<NewSection>, Vec<WantedFile>)> {
        let mut wanted = Vec::new();
        let mut sections = Vec::with_capacity(self.sections.len());
        // 0 is the course.
        let mut numbers = 1..;
        let mut number = || numbers.next().unwrap_or_default();
        for (at, section) in self.sections.into_iter().enumerate() {
            let id = request.derived(number());
            let mut lessons = Vec::with_capacity(section.lessons.len());
            for (place, lesson) in section.lessons.into_iter().enumerate() {
                let lesson_number = number();
                let lesson_id = request.derived(lesson_number);
                wanted.extend((lesson_number * FILES_APART..).zip(&lesson.files).map(|(number, file)| {
                    let source = file.lesson_id.map(|lesson| (lesson, file.id));
                    WantedFile { lesson_id, id: request.derived(number), source }
                }));
                let new = lesson.into_new();
                if let Some((field, message)) = new.fault() {
                    let field = format!("sections[{at}].lessons[{place}].{field}");
                    return Err(ApiError::invalid(&field, message));
                }
                lessons.push(new_lesson(new, id, lesson_id));
            }
            sections.push(NewSection { id, title: section.title, description: section.description, lessons });
        }
        Ok((self.course, sections, wanted))
    }
}

impl DocumentLesson {
    fn into_new(self) -> CreateLesson {
        CreateLesson {
            kind: self.kind,
            title: self.title,
            description: self.description,
            content: self.content,
            quiz: self.quiz,
            resources: Vec::new(),
            video_id: self.video.map(|video| video.id),
            duration_seconds: self.duration_seconds,
            is_preview: self.is_preview,
        }
    }
}

/// What the copy of a lesson came without.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LeftOutKind {
    /// Its video: not one of the caller, deleted, in another lesson of the document, or in too many courses.
    Video,
    /// Files of it, some or all: in no course of the caller, gone, or more than one copy takes over. Upload them to the copy.
    Files,
}

/// Characters of a title in an answer. The answer to a request with an `Idempotency-Key` is kept as one item, which has at most 400 KB
/// (DynamoDB developer guide, "Quotas"), and a document has up to 500 lessons that may each lack a video and files.
const SHOWN_TITLE: usize = 50;

/// What is missing in a lesson that was copied.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LeftOut {
    lesson_id: Id<kinds::Lesson>,
    /// The beginning of the lesson's title.
    #[schema(example = "What is Web Development?")]
    title: String,
    what: LeftOutKind,
}

impl LeftOut {
    pub(crate) fn new(lesson: &NewLesson, what: LeftOutKind) -> Self {
        Self { lesson_id: lesson.id, title: lesson.title.chars().take(SHOWN_TITLE).collect(), what }
    }
}

fn new_lesson(new: CreateLesson, section_id: Id<kinds::Section>, id: Id<kinds::Lesson>) -> NewLesson {
    NewLesson {
        id,
        section_id,
        kind: new.kind,
        title: new.title,
        description: new.description,
        content: new.content,
        quiz: new.quiz,
        resources: Vec::new(),
        video_id: new.video_id,
        duration_seconds: new.duration_seconds,
        is_preview: new.is_preview,
    }
}

/// What a course says of itself.
fn description(course: Course) -> CreateCourse {
    CreateCourse {
        price: course.price_minor.map(Price::from_minor),
        original_price: course.original_price_minor.map(Price::from_minor),
        title: course.title,
        description: course.description,
        short_description: course.short_description,
        category: course.category,
        level: course.level,
        language: course.language,
        thumbnail: course.thumbnail,
        outcomes: course.outcomes,
        requirements: course.requirements,
        prerequisites: course.prerequisites,
        tags: course.tags,
    }
}
