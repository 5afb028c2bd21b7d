//! An instructor changes a lesson.

use axum::{Json, extract::State};
use domain::course::{LessonKind, TEXT_MAX};
use garde::Validate;
use http_kit::{ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::section::LessonChanges;

use super::create_lesson::DURATION_MAX;
use crate::{
    fields::{not_blank, nullable},
    refusals::refused,
    views::LessonView,
};

/// What changes; a field that is not sent stays as it is. The kind never changes.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateLesson {
    #[garde(length(chars, max = 255), inner(custom(not_blank)))]
    title: Option<String>,
    #[garde(length(chars, max = 2_000))]
    description: Option<String>,
    /// The text of a lesson of kind text.
    #[garde(length(chars, max = TEXT_MAX), inner(custom(not_blank)))]
    content: Option<String>,
    /// The video of a lesson of kind video; null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[garde(skip)]
    #[schema(value_type = Option<Id<kinds::Video>>)]
    video_id: Option<Option<Id<kinds::Video>>>,
    /// How long a text takes, in seconds.
    #[garde(range(max = DURATION_MAX))]
    duration_seconds: Option<u64>,
    #[garde(skip)]
    is_preview: Option<bool>,
}

/// Changes a lesson of the caller.
#[utoipa::path(
    patch, path = "/courses/{id}/lessons/{lesson_id}", operation_id = "update_lesson", tag = "courses",
    params(("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    request_body = UpdateLesson,
    responses((status = 200, description = "The lesson", body = LessonView)),
)]
pub(crate) async fn update_lesson(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
    Body(new): Body<UpdateLesson>,
) -> ApiResult<Json<LessonView>> {
    let changes = LessonChanges {
        title: new.title,
        description: new.description,
        content: new.content,
        video_id: new.video_id,
        duration_seconds: new.duration_seconds,
        is_preview: new.is_preview,
    };
    let (courses, now) = (platform.store().courses(), platform.ambient().now());
    let lesson =
        courses.change_lesson(course, caller.user_id, lesson, &changes, now).await.map_err(refused)?;
    let content = match (lesson.kind, changes.content) {
        (LessonKind::Text, None) => courses.lesson_content(lesson.id).await?.map(|text| text.content),
        (_, content) => content,
    };
    Ok(Json(LessonView::new(lesson, content, &platform)))
}
