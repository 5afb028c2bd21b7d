//! Sections and lessons of a course, and where a section or lesson is found by its id alone.

mod arrange;
mod copy;
mod fill;
mod lessons;
mod materials;
mod sections;

use std::collections::HashMap;

use domain::{
    course::LessonKind,
    learning::{Schedule, Step},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use copy::BegunCopy;
pub use fill::{Filled, NewSection};
pub use lessons::{LessonChanges, NewLesson};
pub use materials::Materials;
pub use sections::SectionChanges;

use super::course::{Course, Courses};
use crate::{Consistency, Entity, Key, Query, StoreError, Table, from_item, item_type};

/// A section. It carries the order of its lessons, so that no two can have the same place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Section {
    /// Identifier.
    pub id: Id<kinds::Section>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// Title, up to 255 characters.
    pub title: String,
    /// Description.
    #[serde(default)]
    pub description: String,
    /// The lessons in their order.
    #[serde(default)]
    pub lesson_order: Vec<Id<kinds::Lesson>>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Section {
    /// The key of a section.
    pub fn key_of(course: Id<kinds::Course>, id: Id<kinds::Section>) -> Key {
        Key::new(Course::partition(course), format!("SECTION#{id}"))
    }
}

impl Entity for Section {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "section";

    fn key(&self) -> Key {
        Self::key_of(self.course_id, self.id)
    }
}

/// A lesson.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lesson {
    /// Identifier.
    pub id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// Its section.
    pub section_id: Id<kinds::Section>,
    /// Kind.
    pub kind: LessonKind,
    /// Title, up to 255 characters.
    pub title: String,
    /// Description.
    #[serde(default)]
    pub description: String,
    /// Video of a lesson of kind video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_id: Option<Id<kinds::Video>>,
    /// Duration in seconds.
    #[serde(default)]
    pub duration_seconds: u64,
    /// Whether everybody may see it.
    #[serde(default)]
    pub is_preview: bool,
    /// When it opens for students.
    #[serde(flatten)]
    pub schedule: Schedule,
    /// How many files it has.
    #[serde(default)]
    pub resource_count: u32,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Lesson {
    /// The key of a lesson.
    pub fn key_of(course: Id<kinds::Course>, id: Id<kinds::Lesson>) -> Key {
        Key::new(Course::partition(course), format!("LESSON#{id}"))
    }

    /// What decides whether it is open for a student who has completed it or not.
    pub const fn step(&self, completed: bool) -> Step {
        Step { schedule: self.schedule, is_preview: self.is_preview, completed }
    }
}

impl Entity for Lesson {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "lesson";

    fn key(&self) -> Key {
        Self::key_of(self.course_id, self.id)
    }
}

/// The text of a lesson of kind text. It is not part of the lesson, so that a course's page does not read every text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LessonContent {
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// Up to [`domain::course::TEXT_MAX`] characters, as the instructor wrote them.
    pub content: String,
    /// Last change.
    pub updated_at: Timestamp,
}

impl LessonContent {
    /// The key of a lesson's text.
    pub fn key_of(lesson: Id<kinds::Lesson>) -> Key {
        Key::new(format!("LESSON#{lesson}"), "CONTENT")
    }
}

impl Entity for LessonContent {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "lesson_content";

    fn key(&self) -> Key {
        Self::key_of(self.lesson_id)
    }
}

/// Finds a section's course by the section's id, which is all that seed 002's client sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SectionPlace {
    /// The section.
    pub section_id: Id<kinds::Section>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// The course's instructor.
    pub instructor_id: Id<kinds::User>,
}

impl SectionPlace {
    /// The key of a place.
    pub fn key_of(section: Id<kinds::Section>) -> Key {
        Key::new(format!("SECTION#{section}"), "PLACE")
    }
}

impl Entity for SectionPlace {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "section_place";

    fn key(&self) -> Key {
        Self::key_of(self.section_id)
    }
}

/// Finds a lesson's course by the lesson's id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LessonPlace {
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its section.
    pub section_id: Id<kinds::Section>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// The course's instructor.
    pub instructor_id: Id<kinds::User>,
}

impl LessonPlace {
    /// The key of a place.
    pub fn key_of(lesson: Id<kinds::Lesson>) -> Key {
        Key::new(format!("LESSON#{lesson}"), "PLACE")
    }
}

impl Entity for LessonPlace {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "lesson_place";

    fn key(&self) -> Key {
        Self::key_of(self.lesson_id)
    }
}

/// A course with its sections and lessons in their order.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The course.
    pub course: Course,
    /// Each section with its lessons.
    pub sections: Vec<(Section, Vec<Lesson>)>,
}

impl Outline {
    /// All lessons in their order.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.sections.iter().flat_map(|(_, lessons)| lessons)
    }

    fn assemble(
        course: Course,
        mut sections: HashMap<Id<kinds::Section>, Section>,
        mut lessons: HashMap<Id<kinds::Lesson>, Lesson>,
    ) -> Self {
        let in_order = course.section_order.iter().filter_map(|id| sections.remove(id));
        let sections = in_order
            .map(|section| {
                let lessons = section.lesson_order.iter().filter_map(|id| lessons.remove(id)).collect();
                (section, lessons)
            })
            .collect();
        Self { course, sections }
    }
}

impl Courses<'_> {
    /// The course with all its sections and lessons: one query of one partition, 1 MB a call; at most
    /// [`domain::course::LESSONS_MAX`] lessons. The course is read first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outline(&self, id: Id<kinds::Course>) -> Result<Option<Outline>, StoreError> {
        Ok(self.whole(id).await?.filter(|outline| outline.course.deleted_at.is_none()))
    }

    /// The same, deleted or not.
    pub(crate) async fn whole(&self, id: Id<kinds::Course>) -> Result<Option<Outline>, StoreError> {
        // A limit above what the rules allow: only DynamoDB's megabyte ends a page.
        let query = Query::partition(Course::partition(id)).limit(1_000);
        let (mut course, mut sections, mut lessons) = (None, HashMap::new(), HashMap::new());
        for item in self.0.query_all(Table::Catalog, query).await? {
            match item_type(&item) {
                Course::TYPE => course = Some(from_item::<Course>(item)?),
                Section::TYPE => {
                    let section: Section = from_item(item)?;
                    sections.insert(section.id, section);
                }
                Lesson::TYPE => {
                    let lesson: Lesson = from_item(item)?;
                    lessons.insert(lesson.id, lesson);
                }
                _ => {}
            }
        }
        Ok(course.map(|course| Outline::assemble(course, sections, lessons)))
    }

    /// A lesson of a course: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lesson(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Lesson>,
    ) -> Result<Option<Lesson>, StoreError> {
        self.0.get(Lesson::key_of(course, id), Consistency::Strong).await
    }

    /// The text of a lesson: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lesson_content(&self, id: Id<kinds::Lesson>) -> Result<Option<LessonContent>, StoreError> {
        self.0.get(LessonContent::key_of(id), Consistency::Strong).await
    }

    /// Where a section is, by its id alone: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn section_place(&self, id: Id<kinds::Section>) -> Result<Option<SectionPlace>, StoreError> {
        self.0.get(SectionPlace::key_of(id), Consistency::Strong).await
    }

    /// Where a lesson is, by its id alone: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lesson_place(&self, id: Id<kinds::Lesson>) -> Result<Option<LessonPlace>, StoreError> {
        self.0.get(LessonPlace::key_of(id), Consistency::Strong).await
    }
}
