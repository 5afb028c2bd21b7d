//! Someone takes a lesson.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Params, Platform, Visitor};
use kernel::{Id, id::kinds};

use crate::{
    access::{Taken, lesson_to_take},
    views::{LessonView, Material},
};

/// A lesson with its text, video or quiz, for its teacher and the course's students; for everybody where it is a preview.
#[utoipa::path(
    get, path = "/courses/{id}/lessons/{lesson_id}", operation_id = "get_lesson", tag = "courses", security(()),
    params(("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    responses((status = 200, description = "The lesson", body = LessonView)),
)]
pub(crate) async fn get_lesson(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
) -> ApiResult<Json<LessonView>> {
    let Taken { viewer, lesson, .. } = lesson_to_take(&platform, caller, course, lesson).await?;
    let material = Material::read(&platform, &lesson, viewer.owner).await?;
    Ok(Json(LessonView::new(lesson, material, &platform)))
}
