//! A lesson with all that its viewer may take of it.

use domain::course::{
    LessonKind, duration_minutes,
    quiz::{Quiz, Sheet, Solution},
};
use http_kit::{ApiResult, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Lesson, LessonQuiz, Resource};

use super::LessonVideo;
use crate::files::ResourceView;

/// A lesson with all that the caller may take of it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LessonView {
    id: Id<kinds::Lesson>,
    course_id: Id<kinds::Course>,
    section_id: Id<kinds::Section>,
    #[schema(example = "What is Web Development?")]
    title: String,
    description: String,
    kind: LessonKind,
    duration_minutes: u64,
    duration_seconds: u64,
    is_preview: bool,
    /// Students may not take it before this moment; null where that is no matter.
    #[schema(example = "2026-09-01T08:00:00Z")]
    opens_at: Option<Timestamp>,
    /// Nor before so many days after their enrolment.
    #[schema(example = 7)]
    opens_after_days: Option<u32>,
    #[serde(flatten)]
    video: LessonVideo,
    #[serde(flatten)]
    material: Material,
}

/// What belongs to a lesson and is stored beside it.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(crate) struct Material {
    /// The text of a lesson of kind text.
    content: Option<String>,
    /// The questions of a lesson of kind quiz.
    quiz: Option<QuizView>,
    /// Its files, of a lesson of any kind; at most 20.
    resources: Vec<ResourceView>,
}

/// A quiz.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct QuizView {
    /// Send it with the answers: they are graded by these questions or not at all.
    #[schema(example = 1)]
    version: u32,
    #[serde(flatten)]
    sheet: Sheet,
    /// What is right, in the order of the questions; for the course's teacher only.
    #[serde(skip_serializing_if = "Option::is_none")]
    solutions: Option<Vec<Solution>>,
}

impl Material {
    /// What a teacher has just sent; a quiz with its version.
    pub(crate) fn of_teacher(
        content: Option<String>,
        quiz: Option<(Quiz, u32)>,
        resources: Vec<Resource>,
    ) -> Self {
        let quiz = quiz.map(|(quiz, version)| {
            let (sheet, solutions) = quiz.split();
            QuizView { version, sheet, solutions: Some(solutions) }
        });
        Self { content, quiz, resources: resources.into_iter().map(Into::into).collect() }
    }

    /// Reads what belongs to the lesson: one call for a text or a quiz, one for files. What is right in a quiz is read for its teacher only.
    pub(crate) async fn read(platform: &Platform, lesson: &Lesson, owner: bool) -> ApiResult<Self> {
        let store = platform.store();
        let resources = match lesson.resource_count {
            0 => Vec::new(),
            _ => store.courses().resources(lesson.id).await?,
        };
        let material = match lesson.kind {
            LessonKind::Video | LessonKind::File => Self::default(),
            LessonKind::Text => {
                let content = store.courses().lesson_content(lesson.id).await?.map(|text| text.content);
                Self { content, ..Self::default() }
            }
            LessonKind::Quiz => {
                let (quiz, solutions) = if owner {
                    let whole = store.quizzes().whole(lesson.id).await?;
                    whole.map(|(quiz, key)| (quiz, key.solutions)).unzip()
                } else {
                    (store.quizzes().sheet(lesson.id).await?, None)
                };
                let view = |LessonQuiz { version, sheet, .. }| QuizView { version, sheet, solutions };
                Self { quiz: quiz.map(view), ..Self::default() }
            }
        };
        Ok(Self { resources: resources.into_iter().map(Into::into).collect(), ..material })
    }
}

impl LessonView {
    /// The whole lesson.
    pub(crate) fn new(lesson: Lesson, material: Material, platform: &Platform) -> Self {
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
            opens_at: lesson.schedule.opens_at,
            opens_after_days: lesson.schedule.opens_after_days,
            material,
        }
    }
}
