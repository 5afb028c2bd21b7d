//! An instructor adds a lesson.

use axum::{Json, extract::State};
use domain::course::{LessonKind, TEXT_MAX};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::section::NewLesson;

use crate::{fields::not_blank, refusals::refused, views::LessonView};

/// Longest lesson: a day.
pub(crate) const DURATION_MAX: u64 = 86_400;

/// A new lesson.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateLesson {
    #[garde(skip)]
    kind: LessonKind,
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "What is Web Development?")]
    title: String,
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    description: String,
    /// The text of a lesson of kind text; such a lesson needs one.
    #[garde(length(chars, max = TEXT_MAX), inner(custom(not_blank)))]
    content: Option<String>,
    /// The video of a lesson of kind video; may come later, until the course is published.
    #[garde(skip)]
    video_id: Option<Id<kinds::Video>>,
    /// How long a text takes, in seconds. A video brings its own duration.
    #[garde(range(max = DURATION_MAX))]
    duration_seconds: Option<u64>,
    /// Whether everybody may take it.
    #[serde(default)]
    #[garde(skip)]
    is_preview: bool,
}

impl CreateLesson {
    /// What belongs to the other kind is refused rather than dropped.
    fn check_kind(&self) -> ApiResult<()> {
        let (video, content, duration) =
            (self.video_id.is_some(), self.content.is_some(), self.duration_seconds.is_some());
        match self.kind {
            LessonKind::Video if content => {
                Err(ApiError::invalid("content", "belongs to lessons of kind text"))
            }
            LessonKind::Video if duration => {
                Err(ApiError::invalid("duration_seconds", "comes from the video; leave it out"))
            }
            LessonKind::Text if video => {
                Err(ApiError::invalid("video_id", "belongs to lessons of kind video"))
            }
            LessonKind::Text if !content => {
                Err(ApiError::invalid("content", "is needed for a lesson of kind text"))
            }
            LessonKind::Video | LessonKind::Text => Ok(()),
        }
    }
}

/// Adds a lesson at the end of a section of the caller.
#[utoipa::path(
    post, path = "/courses/{id}/sections/{section_id}/lessons", operation_id = "create_lesson", tag = "courses",
    params(("id" = Id<kinds::Course>, Path), ("section_id" = Id<kinds::Section>, Path)),
    request_body = CreateLesson,
    responses((status = 201, description = "The lesson", body = LessonView)),
)]
pub(crate) async fn create_lesson(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, section_id)): Params<(Id<kinds::Course>, Id<kinds::Section>)>,
    Body(new): Body<CreateLesson>,
) -> ApiResult<(StatusCode, Json<LessonView>)> {
    new.check_kind()?;
    let new = NewLesson {
        id: platform.ambient().id(),
        section_id,
        kind: new.kind,
        title: new.title,
        description: new.description,
        content: new.content,
        video_id: new.video_id,
        duration_seconds: new.duration_seconds,
        is_preview: new.is_preview,
    };
    let (courses, now) = (platform.store().courses(), platform.ambient().now());
    let lesson = courses.add_lesson(course, caller.user_id, &new, now).await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(LessonView::new(lesson, new.content, &platform))))
}
