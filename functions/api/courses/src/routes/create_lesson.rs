//! An instructor adds a lesson.

use axum::{extract::State, response::Response};
use course_document::{DURATION_MAX, Fault, LessonParts};
use domain::{
    course::{LessonKind, TEXT_MAX, quiz::Quiz, resource::RESOURCES_MAX},
    learning::{Schedule, opening::OPENS_AFTER_DAYS_MAX},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Params, Platform, Principal};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::section::NewLesson;

use crate::{
    access::own,
    fields::not_blank,
    files::{Files, NewResource},
    refusals::{faulty, refused},
    views::{LessonView, Material},
};

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
    /// Students may not take it before this moment.
    #[garde(skip)]
    #[schema(example = "2026-09-01T08:00:00Z")]
    pub(crate) opens_at: Option<Timestamp>,
    /// Nor before so many days after their enrolment.
    #[garde(range(max = OPENS_AFTER_DAYS_MAX))]
    #[schema(example = 7)]
    pub(crate) opens_after_days: Option<u32>,
}

impl CreateLesson {
    /// What belongs to another kind is refused rather than dropped.
    fn fault(&self) -> Option<Fault> {
        let parts = LessonParts {
            kind: self.kind,
            has_content: self.content.is_some(),
            has_video: self.video_id.is_some(),
            quiz: self.quiz.as_ref(),
            has_duration: self.duration_seconds.is_some(),
        };
        parts.fault()
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
    if let Some(fault) = new.fault() {
        return Err(faulty(fault));
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
        schedule: Schedule { opens_at: new.opens_at, opens_after_days: new.opens_after_days },
    };
    let (courses, now) = (platform.store().courses(), platform.ambient().now());
    let lesson = courses.add_lesson(course, caller.user_id, &new, now).await.map_err(refused)?;
    let material = Material::of_teacher(new.content, new.quiz.map(|quiz| (quiz, 1)), new.resources);
    Ok(LessonView::new(lesson, material, platform))
}
