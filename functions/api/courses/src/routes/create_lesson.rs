//! An instructor adds a lesson.

use axum::{extract::State, response::Response};
use domain::course::{LessonKind, TEXT_MAX, quiz::Quiz, resource::RESOURCES_MAX};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Params, Platform, Principal};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::section::NewLesson;

use crate::{
    access::own,
    fields::not_blank,
    files::{Files, NewResource},
    refusals::refused,
    views::{LessonView, Material},
};

/// Longest lesson: a day.
pub(crate) const DURATION_MAX: u64 = 86_400;

/// A new lesson.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateLesson {
    #[garde(skip)]
    pub(crate) kind: LessonKind,
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "What is Web Development?")]
    pub(crate) title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    pub(crate) description: String,
    /// The text of a lesson of kind text; such a lesson needs one.
    #[garde(length(chars, max = TEXT_MAX), inner(custom(not_blank)))]
    pub(crate) content: Option<String>,
    /// The questions of a lesson of kind quiz, with what is right; such a lesson needs them.
    #[garde(skip)]
    pub(crate) quiz: Option<Quiz>,
    /// Files that have arrived, of a lesson of any kind. More may come later; a lesson of kind file needs one until the course is
    /// published.
    #[serde(default)]
    #[garde(length(max = RESOURCES_MAX), dive)]
    pub(crate) resources: Vec<NewResource>,
    /// The video of a lesson of kind video; may come later, until the course is published.
    #[garde(skip)]
    pub(crate) video_id: Option<Id<kinds::Video>>,
    /// How long it takes, in seconds. A video brings its own duration.
    #[garde(range(max = DURATION_MAX))]
    pub(crate) duration_seconds: Option<u64>,
    /// Whether everybody may take it.
    #[serde(default)]
    #[garde(skip)]
    pub(crate) is_preview: bool,
}

impl CreateLesson {
    /// What belongs to another kind is refused rather than dropped: the field and what is wrong with it.
    pub(crate) fn fault(&self) -> Option<(String, &'static str)> {
        let sent = [
            ("content", LessonKind::Text, self.content.is_some(), "belongs to lessons of kind text"),
            ("video_id", LessonKind::Video, self.video_id.is_some(), "belongs to lessons of kind video"),
            ("quiz", LessonKind::Quiz, self.quiz.is_some(), "belongs to lessons of kind quiz"),
        ];
        let foreign = sent.into_iter().find(|(_, kind, is_sent, _)| *is_sent && *kind != self.kind);
        if let Some((field, _, _, message)) = foreign {
            return Some((field.to_owned(), message));
        }
        let of = |field: &str, message| Some((field.to_owned(), message));
        match (self.kind, &self.quiz) {
            (LessonKind::Video, _) if self.duration_seconds.is_some() => {
                of("duration_seconds", "comes from the video; leave it out")
            }
            (LessonKind::Text, _) if self.content.is_none() => {
                of("content", "is needed for a lesson of kind text")
            }
            (LessonKind::Quiz, None) => of("quiz", "is needed for a lesson of kind quiz"),
            (LessonKind::Quiz, Some(quiz)) => {
                quiz.check().err().map(|fault| (format!("quiz.{}", fault.field), fault.message))
            }
            (LessonKind::Video | LessonKind::Text | LessonKind::File, _) => None,
        }
    }
}

/// Adds a lesson at the end of a section of the caller.
#[utoipa::path(
    post, path = "/courses/{id}/sections/{section_id}/lessons", operation_id = "create_lesson", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path), ("section_id" = Id<kinds::Section>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = CreateLesson,
    responses((status = 201, description = "The lesson", body = LessonView)),
)]
pub(crate) async fn create_lesson(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    Params((course, section)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    key: IdempotencyKey,
    Body(new): Body<CreateLesson>,
) -> ApiResult<Response> {
    if let Some((field, message)) = new.fault() {
        return Err(ApiError::invalid(&field, message));
    }
    let request = serde_json::to_string(&(course, section, &new)).map_err(ApiError::internal)?;
    key.run(&platform, caller.user_id, "create_lesson", &request, async |attempt| {
        let lesson = make(&platform, &files, caller, (course, section, attempt.derived(0)), new).await?;
        Ok((StatusCode::CREATED, lesson))
    })
    .await
}

async fn make(
    platform: &Platform,
    files: &Files,
    caller: Principal,
    (course, section_id, id): (Id<kinds::Course>, Id<kinds::Section>, Id<kinds::Lesson>),
    new: CreateLesson,
) -> ApiResult<LessonView> {
    let mut resources = Vec::with_capacity(new.resources.len());
    if !new.resources.is_empty() {
        own(platform, course, caller).await?;
    }
    for file in &new.resources {
        resources.push(files.arrived(platform, course, file).await?);
    }
    let new = NewLesson {
        id,
        section_id,
        kind: new.kind,
        title: new.title,
        description: new.description,
        content: new.content,
        quiz: new.quiz,
        resources,
        video_id: new.video_id,
        duration_seconds: new.duration_seconds,
        is_preview: new.is_preview,
    };
    let (courses, now) = (platform.store().courses(), platform.ambient().now());
    let lesson = courses.add_lesson(course, caller.user_id, &new, now).await.map_err(refused)?;
    let material = Material::of_teacher(new.content, new.quiz.map(|quiz| (quiz, 1)), new.resources);
    Ok(LessonView::new(lesson, material, platform))
}
