//! All that belongs to the lessons of a course and is stored beside them.

use std::collections::HashMap;

use domain::course::{LessonKind, quiz::Quiz};
use kernel::{Id, id::kinds};

use super::{LessonContent, Outline};
use crate::{
    StoreError,
    entities::{LessonQuiz, LessonResources, QuizKey, Resource, course::Courses},
};

/// Texts, quizzes and files of lessons.
#[derive(Clone, Debug, Default)]
pub struct Materials {
    /// Texts.
    pub texts: HashMap<Id<kinds::Lesson>, String>,
    /// Quizzes with what is right.
    pub quizzes: HashMap<Id<kinds::Lesson>, Quiz>,
    /// Lists of files.
    pub files: HashMap<Id<kinds::Lesson>, Vec<Resource>>,
}

impl Courses<'_> {
    /// Texts, quizzes and files of all lessons of a course: one batch for a hundred items.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn materials(&self, outline: &Outline) -> Result<Materials, StoreError> {
        let mut batch = self.0.batch();
        for lesson in outline.lessons() {
            batch = match lesson.kind {
                LessonKind::Text => batch.with::<LessonContent>(LessonContent::key_of(lesson.id)),
                LessonKind::Quiz => batch
                    .with::<LessonQuiz>(LessonQuiz::key_of(lesson.id))
                    .with::<QuizKey>(QuizKey::key_of(lesson.id)),
                LessonKind::Video | LessonKind::File => batch,
            };
            if lesson.resource_count > 0 {
                batch = batch.with::<LessonResources>(LessonResources::key_of(lesson.id));
            }
        }
        let found = batch.read().await?;
        let texts = found.all::<LessonContent>()?.into_iter().map(|text| (text.lesson_id, text.content));
        let files = found.all::<LessonResources>()?.into_iter().map(|list| (list.lesson_id, list.resources));
        let mut keys: HashMap<_, _> =
            found.all::<QuizKey>()?.into_iter().map(|key| (key.lesson_id, key.solutions)).collect();
        let quizzes = found.all::<LessonQuiz>()?.into_iter().filter_map(|quiz| {
            let solutions = keys.remove(&quiz.lesson_id)?;
            Some((quiz.lesson_id, Quiz::join(quiz.sheet, solutions)))
        });
        Ok(Materials { texts: texts.collect(), quizzes: quizzes.collect(), files: files.collect() })
    }
}
