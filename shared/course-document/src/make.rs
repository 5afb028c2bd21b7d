//! A draft is made of a document. Its course and all in it have identifiers that follow from the request's: another attempt at the same
//! request goes on where the one before stopped, and nobody sees the draft before it is whole.

use std::collections::{HashMap, HashSet};

use domain::{
    course::{
        copy::{LeftOut, LeftOutKind},
        resource::RESOURCES_MAX,
        slug::with_suffix,
    },
    learning::Schedule,
};
use kernel::{Ambient, Id, id::kinds};
use store::{
    Store, StoreError,
    entities::{
        Course, Pictured as _, Resource,
        course::EditError,
        section::{BegunCopy, NewLesson, NewSection},
    },
};

use crate::{CourseDocument, CreateCourse, DocumentLesson, Fault, FileReference, LessonParts};

/// Tries for a free slug. One of 33 million suffixes is drawn each time, so a second clash hardly ever happens.
pub const SLUG_TRIES: usize = 8;
/// How far the numbers are apart from which two lessons' files get their identifiers: more than a lesson has files.
const FILES_APART: u32 = 32;
const _: () = assert!(RESOURCES_MAX <= FILES_APART as usize);

/// No draft was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The document can't be so.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A rule of courses, or storage.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// No slug was found in [`SLUG_TRIES`].
    #[error("no free slug was found")]
    NoFreeSlug,
}

impl From<StoreError> for MakeError {
    fn from(error: StoreError) -> Self {
        Self::Edit(error.into())
    }
}

/// A file that a lesson of a document has, as the draft would have it.
#[derive(Clone, Debug)]
pub struct WantedFile {
    /// The lesson of the draft.
    pub lesson_id: Id<kinds::Lesson>,
    /// The identifier that it gets there: the same in every attempt at the request.
    pub id: Id<kinds::Resource>,
    /// What the document says of it.
    pub reference: FileReference,
}

/// What is to be made of a document, by the rules for single lessons.
#[derive(Debug)]
pub struct Plan {
    request: Id<kinds::Event>,
    course: CreateCourse,
    sections: Vec<NewSection>,
    wanted: Vec<WantedFile>,
}

impl Plan {
    /// Plans what is to be made of it for a request. Another attempt at the request gives the same identifiers.
    ///
    /// # Errors
    /// [`Fault`] naming the first lesson that has what belongs to another kind.
    pub fn of(document: CourseDocument, request: Id<kinds::Event>) -> Result<Self, Fault> {
        let mut wanted = Vec::new();
        let mut sections = Vec::with_capacity(document.sections.len());
        // 0 is the course.
        let mut numbers = 1..;
        let mut number = || numbers.next().unwrap_or_default();
        for (at, section) in document.sections.into_iter().enumerate() {
            let id = request.derived(number());
            let mut lessons = Vec::with_capacity(section.lessons.len());
            for (place, mut lesson) in section.lessons.into_iter().enumerate() {
                let lesson_number = number();
                let lesson_id = request.derived(lesson_number);
                if let Some(fault) = parts(&lesson).fault() {
                    let field = format!("sections[{at}].lessons[{place}].{}", fault.field);
                    return Err(Fault { field, ..fault });
                }
                let files = std::mem::take(&mut lesson.files);
                wanted.extend((lesson_number * FILES_APART..).zip(files).map(|(number, reference)| {
                    WantedFile { lesson_id, id: request.derived(number), reference }
                }));
                lessons.push(new_lesson(lesson, id, lesson_id));
            }
            sections.push(NewSection { id, title: section.title, description: section.description, lessons });
        }
        Ok(Self { request, course: document.course, sections, wanted })
    }

    /// Stores the draft of this teacher so that nobody sees it, or finds what an earlier attempt has made of it.
    ///
    /// # Errors
    /// [`MakeError`].
    pub async fn begin(
        mut self,
        store: &Store,
        ambient: &Ambient,
        owner: Id<kinds::User>,
    ) -> Result<Making, MakeError> {
        // A picture of ours goes when its course gets another: the draft needs one of its own.
        if self.course.thumbnail.contains(kinds::Course::SHOWN) {
            self.course.thumbnail.clear();
        }
        let now = ambient.now();
        let draft = self.course.into_draft(self.request.derived(0), owner, now)?;
        let begun = store.courses().begin_copy(&draft, &self.sections, now).await?;
        Ok(Making { begun, sections: self.sections, wanted: self.wanted })
    }
}

/// A draft that is being made.
#[derive(Debug)]
pub struct Making {
    begun: BegunCopy,
    sections: Vec<NewSection>,
    wanted: Vec<WantedFile>,
}

/// A draft that is whole.
#[derive(Debug)]
pub struct Made {
    /// The draft.
    pub course: Course,
    /// What its lessons came without.
    pub left_out: Vec<LeftOut>,
}

impl Making {
    /// Its course.
    pub fn course(&self) -> &Course {
        self.begun.course()
    }

    /// The files that are to be brought under the draft's key. A lesson that an earlier attempt has made keeps what it has, and a draft
    /// that is shown needs nothing more.
    pub fn wanted(&self) -> impl Iterator<Item = &WantedFile> {
        let is_shown = self.begun.is_shown();
        self.wanted.iter().filter(move |file| !is_shown && !self.begun.has_made(file.lesson_id))
    }

    /// Has the janitor remove these files unless the draft is shown: to be called before they are brought.
    ///
    /// # Errors
    /// [`MakeError`].
    pub async fn expect(
        &self,
        store: &Store,
        ambient: &Ambient,
        files: &[Id<kinds::Resource>],
    ) -> Result<(), MakeError> {
        Ok(store.courses().expect_files(&self.begun, files, ambient.now()).await?)
    }

    /// Gives the draft its lessons with the files that were brought for them, and shows it.
    ///
    /// # Errors
    /// [`MakeError`]; another attempt goes on.
    pub async fn finish(
        self,
        store: &Store,
        ambient: &Ambient,
        brought: Vec<(Id<kinds::Lesson>, Resource)>,
    ) -> Result<Made, MakeError> {
        let Self { begun, mut sections, wanted } = self;
        let mut of_lessons: HashMap<_, Vec<Resource>> = HashMap::new();
        for (lesson, file) in brought {
            of_lessons.entry(lesson).or_default().push(file);
        }
        for lesson in sections.iter_mut().flat_map(|section| &mut section.lessons) {
            lesson.resources = of_lessons.remove(&lesson.id).unwrap_or_default();
        }
        let filled = store.courses().fill(begun, &sections, ambient.now()).await?;
        let files: Vec<_> = filled.files.values().flatten().copied().collect();
        let course = show(store, ambient, filled.course, &files).await?;
        let mut lacking: HashMap<_, usize> = HashMap::new();
        for file in &wanted {
            *lacking.entry(file.lesson_id).or_default() += 1;
        }
        lacking.retain(|lesson, wanted| filled.files.get(lesson).map_or(0, Vec::len) < *wanted);
        let without_video: HashSet<_> = filled.without_video.into_iter().collect();
        let lessons = || sections.iter().flat_map(|section| &section.lessons);
        let without = |kind| move |lesson: &NewLesson| LeftOut::new(lesson.id, &lesson.title, kind);
        let files = lessons().filter(|lesson| lacking.contains_key(&lesson.id));
        let videos = lessons().filter(|lesson| without_video.contains(&lesson.id));
        let files = files.map(without(LeftOutKind::Files));
        let left_out = files.chain(videos.map(without(LeftOutKind::Video))).collect();
        Ok(Made { course, left_out })
    }
}

/// Shows a whole draft with its files under a free slug.
async fn show(
    store: &Store,
    ambient: &Ambient,
    mut copy: Course,
    files: &[Id<kinds::Resource>],
) -> Result<Course, MakeError> {
    // An earlier attempt has shown it.
    if copy.deleted_at.is_none() {
        return Ok(copy);
    }
    let (base, now) = (copy.slug.clone(), ambient.now());
    for _ in 0..SLUG_TRIES {
        if let Some(shown) = store.courses().show_copy(&copy, files, now).await? {
            return Ok(shown);
        }
        copy.slug = with_suffix(&base, ambient.random.bytes());
    }
    Err(MakeError::NoFreeSlug)
}

fn parts(lesson: &DocumentLesson) -> LessonParts<'_> {
    LessonParts {
        kind: lesson.kind,
        has_content: lesson.content.is_some(),
        has_video: lesson.video.is_some(),
        quiz: lesson.quiz.as_ref(),
        has_duration: lesson.duration_seconds.is_some(),
    }
}

fn new_lesson(lesson: DocumentLesson, section_id: Id<kinds::Section>, id: Id<kinds::Lesson>) -> NewLesson {
    NewLesson {
        id,
        section_id,
        kind: lesson.kind,
        title: lesson.title,
        description: lesson.description,
        content: lesson.content,
        quiz: lesson.quiz,
        resources: Vec::new(),
        video_id: lesson.video.map(|video| video.id),
        duration_seconds: lesson.duration_seconds,
        is_preview: lesson.is_preview,
        schedule: Schedule { opens_at: lesson.opens_at, opens_after_days: lesson.opens_after_days },
    }
}
